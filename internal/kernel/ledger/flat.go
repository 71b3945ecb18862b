package ledger

// flat counts or numbers by a 64-bit key: open addressing over two flat slices that
// the collector never walks, twelve bytes a slot. A map would take five times that
// and pause for it. It is cut into parts that grow each by itself, so that no batch
// waits for millions of entries to move.
type flat struct {
	parts [flatParts]flatPart
	n     int
}

const (
	flatParts = 256
	flatFirst = 16 // slots of a part when it begins; a power of two
)

type flatPart struct {
	keys []uint64 // 0 is an empty slot
	vals []uint32
	n    int
}

// spread mixes a key, so that near keys lie far apart (the finalizer of SplitMix64).
func spread(k uint64) uint64 {
	k ^= k >> 30
	k *= 0xbf58476d1ce4e5b9
	k ^= k >> 27
	k *= 0x94d049bb133111eb
	return k ^ k>>31
}

// full is a key that is not the empty slot's.
func full(k uint64) uint64 {
	if k == 0 {
		return 1
	}
	return k
}

// at returns the value under a key; found is false if there is none.
func (f *flat) at(key uint64) (val uint32, found bool) {
	key = full(key)
	h := spread(key)
	p := &f.parts[h>>56]
	if p.n == 0 {
		return 0, false
	}
	mask := uint64(len(p.keys) - 1)
	for i := h & mask; p.keys[i] != 0; i = (i + 1) & mask {
		if p.keys[i] == key {
			return p.vals[i], true
		}
	}
	return 0, false
}

// each calls fn for every value under a key that was added more than once, until it
// says stop.
func (f *flat) each(key uint64, fn func(val uint32) (stop bool)) {
	key = full(key)
	h := spread(key)
	p := &f.parts[h>>56]
	if p.n == 0 {
		return
	}
	mask := uint64(len(p.keys) - 1)
	for i := h & mask; p.keys[i] != 0; i = (i + 1) & mask {
		if p.keys[i] == key && fn(p.vals[i]) {
			return
		}
	}
}

// add puts a further value under a key.
func (f *flat) add(key uint64, val uint32) {
	key = full(key)
	h := spread(key)
	p := &f.parts[h>>56]
	if p.n*4 >= len(p.keys)*3 {
		p.grow()
	}
	p.put(h, key, val)
	p.n++
	f.n++
}

// shift adds d to the count under a key, which begins at 0, and returns the sum.
func (f *flat) shift(key uint64, d int64) int64 {
	key = full(key)
	h := spread(key)
	p := &f.parts[h>>56]
	if p.n > 0 {
		mask := uint64(len(p.keys) - 1)
		for i := h & mask; p.keys[i] != 0; i = (i + 1) & mask {
			if p.keys[i] == key {
				p.vals[i] = uint32(int64(p.vals[i]) + d)
				return int64(p.vals[i])
			}
		}
	}
	f.add(key, uint32(d))
	return d
}

func (p *flatPart) put(h, key uint64, val uint32) {
	mask := uint64(len(p.keys) - 1)
	i := h & mask
	for p.keys[i] != 0 {
		i = (i + 1) & mask
	}
	p.keys[i], p.vals[i] = key, val
}

func (p *flatPart) grow() {
	old := *p
	size := max(2*len(old.keys), flatFirst)
	p.keys, p.vals = make([]uint64, size), make([]uint32, size)
	for i, k := range old.keys {
		if k != 0 {
			p.put(spread(k), k, old.vals[i])
		}
	}
}

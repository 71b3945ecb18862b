package credential

// RFC 9285: two bytes become three characters of an alphabet that QR codes
// hold in eleven bits a pair, a last single byte two.
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// digit is the value of a character; 0xff for those outside the alphabet.
var digit = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i := range len(alphabet) {
		t[alphabet[i]] = byte(i)
	}
	return t
}()

// encode45 returns prefix and the base45 of data.
func encode45(prefix string, data []byte) string {
	out := make([]byte, 0, len(prefix)+(len(data)+1)/2*3)
	out = append(out, prefix...)
	for len(data) >= 2 {
		n := int(data[0])<<8 | int(data[1])
		out = append(out, alphabet[n%45], alphabet[n/45%45], alphabet[n/2025])
		data = data[2:]
	}
	if len(data) == 1 {
		n := int(data[0])
		out = append(out, alphabet[n%45], alphabet[n/45])
	}
	return string(out)
}

// decode45 is strict: no character outside the alphabet, no group that stands
// for more than its bytes hold, no odd character left over.
func decode45(text string) ([]byte, bool) {
	if len(text)%3 == 1 {
		return nil, false
	}
	out := make([]byte, 0, len(text)/3*2+1)
	for len(text) >= 3 {
		a, b, c := digit[text[0]], digit[text[1]], digit[text[2]]
		n := int(a) + 45*int(b) + 2025*int(c)
		if a == 0xff || b == 0xff || c == 0xff || n > 0xffff {
			return nil, false
		}
		out = append(out, byte(n>>8), byte(n))
		text = text[3:]
	}
	if len(text) == 2 {
		a, b := digit[text[0]], digit[text[1]]
		n := int(a) + 45*int(b)
		if a == 0xff || b == 0xff || n > 0xff {
			return nil, false
		}
		out = append(out, byte(n))
	}
	return out, true
}

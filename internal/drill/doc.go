// Package drill rehearses: it replays the mornings on which public services fell
// over against the real program, as a process of its own, and says pass or fail.
// A district learns what it can bear before the day.
//
// At its heart is a load generator with an open loop: every request has its moment
// on a schedule that does not wait for answers, and its latency counts from that
// moment, not from when a line became free (a generator that waits for answers
// forgives the server exactly the pauses people suffer from). One thread with
// epoll carries thousands of connections, so that it can share a small machine
// with the program it measures.
//
// It refuses to be kind: an answer later than its deadline, a refusal without
// Retry-After and a request that found no free line are counted as such, a
// percentile is the upper edge of its bucket, and what was answered is looked for
// in the store before a run is called good. It refuses TLS, pipelining and
// HTTP/2: it stands where the proxy stands.
package drill

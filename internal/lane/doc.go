// Package lane answers the few requests a whole district sends in one minute on the
// connection itself, before net/http reads them: a code show is known in memory and
// takes a microsecond, of which net/http and the layers above it made seventy.
//
// The lane stands inside the connection that net/http reads from. While net/http
// waits for a request, the lane looks at what arrives; what it can answer it
// answers, and everything else it hands on, byte for byte, with exactly the
// boundaries the request itself names. What it does not understand to the last
// byte it does not touch, and leaves that connection to net/http for good.
//
// It refuses to decide anything: who may see what is the answerer's to say, and an
// answerer that is not sure declines. It takes no body that has not come whole, no TLS,
// no HTTP/1.0 and nothing that the fuzz test could tell from net/http's reading.
package lane

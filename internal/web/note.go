package web

import (
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts answers by route, never by address: an address holds ids.
type metrics struct {
	answers *prometheus.CounterVec
	took    *prometheus.HistogramVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "breakwater_http_answers_total", Help: "Answers by route, method and status."}, []string{"route", "method", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "breakwater_http_seconds", Help: "Time from request to answer by route.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route"}),
	}
	if reg != nil {
		reg.MustRegister(m.answers, m.took)
	}
	return m
}

// tally is a hot route's own counters, so that they need not be looked up.
type tally struct {
	good prometheus.Counter
	took prometheus.Observer
}

func (m *metrics) tally(r *Route) tally {
	return tally{m.answers.WithLabelValues(r.Path, r.Method, "200"), m.took.WithLabelValues(r.Path)}
}

// note writes the access line: the route's pattern, no address, no query, no
// name. A line can be found by the reference on the person's screen.
func (s *Site) note(v *visit, w *wire, r *http.Request, took time.Duration) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	method := r.Method
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
	default:
		method = "other" // a stranger's word must not become a label
	}
	if v.route != nil && v.route.Hot && w.status == http.StatusOK {
		v.route.tally.good.Inc()
		v.route.tally.took.Observe(took.Seconds())
		return
	}
	s.metrics.answers.WithLabelValues(v.name(), method, strconv.Itoa(w.status)).Inc()
	s.metrics.took.WithLabelValues(v.name()).Observe(took.Seconds())
	s.Log.LogAttrs(r.Context(), slog.LevelInfo, "answered",
		slog.String("ref", v.ref), slog.String("method", method), slog.String("route", v.name()),
		slog.Int("status", w.status), slog.Int64("bytes", w.bytes), slog.Int64("us", took.Microseconds()))
}

package web

import (
	"github.com/prometheus/client_golang/prometheus"

	"breakwater/internal/admission"
)

// doorCollector shows what the door counted; nothing is kept twice.
type doorCollector struct {
	door                  *admission.Door
	requests, wait, limit *prometheus.Desc
}

func doorFigures(d *admission.Door) prometheus.Collector {
	return &doorCollector{
		door:     d,
		requests: prometheus.NewDesc("breakwater_admission_requests_total", "Requests let in and refused, by importance.", []string{"class", "outcome"}, nil),
		wait:     prometheus.NewDesc("breakwater_admission_wait_seconds", "How long work waited, as last measured.", []string{"queue"}, nil),
		limit:    prometheus.NewDesc("breakwater_admission_limit", "What is let in, in code shows a second; 0 while there is no limit.", []string{"queue"}, nil),
	}
}

func (c *doorCollector) Describe(out chan<- *prometheus.Desc) {
	out <- c.requests
	out <- c.wait
	out <- c.limit
}

func (c *doorCollector) Collect(out chan<- prometheus.Metric) {
	l := c.door.Load()
	for _, t := range l.Classes {
		out <- prometheus.MustNewConstMetric(c.requests, prometheus.CounterValue, float64(t.AllAccepted), t.Class.String(), "accepted")
		out <- prometheus.MustNewConstMetric(c.requests, prometheus.CounterValue, float64(t.AllRefused), t.Class.String(), "refused")
	}
	for _, q := range l.Queues {
		out <- prometheus.MustNewConstMetric(c.wait, prometheus.GaugeValue, q.Wait.Seconds(), q.Name)
		out <- prometheus.MustNewConstMetric(c.limit, prometheus.GaugeValue, q.Limit, q.Name)
	}
}

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"

	"github.com/traefik/traefik/v3/pkg/config/dynamic"
	"github.com/traefik/traefik/v3/pkg/middlewares/headers"
	"github.com/traefik/traefik/v3/pkg/middlewares/redirect"
	"github.com/traefik/traefik/v3/pkg/middlewares/requestdecorator"
	muxer "github.com/traefik/traefik/v3/pkg/muxer/http"
	"github.com/traefik/traefik/v3/pkg/server/cookie"
	"github.com/traefik/traefik/v3/pkg/server/service/loadbalancer/wrr"
)

const (
	plainEntryPoint = "web"
	tlsEntryPoint   = "websecure"
	providerName    = "kubernetesingressnginx"
	// stickyTries is how often a client comes without its cookie until it meets the Service it is to stick to.
	stickyTries = 100_000
)

// answer is what becomes of one request.
type answer struct {
	Router   string `json:"router"`
	Rule     string `json:"rule"`
	Priority int    `json:"priority"`
	// Shares are exact: Services, namespace/name, or a status, and a fraction such as 1/10, over one cycle of weights.
	Shares map[string]string `json:"shares"`
	// Seen is what the Services among them receive.
	Seen map[string]received `json:"seen,omitempty"`
	// Ties are other routers that match with the same priority: which one wins is chance, drawn when Traefik loads.
	Ties []tie `json:"ties,omitempty"`
}

type tie struct {
	Router string              `json:"router"`
	Rule   string              `json:"rule"`
	Shares map[string]string   `json:"shares"`
	Seen   map[string]received `json:"seen,omitempty"`
}

// received is a request as a Service sees it, without what middlewares and the proxy itself change.
type received struct {
	Headers http.Header `json:"headers"`
	Path    string      `json:"path"`
}

// seen is filled by the handlers that a request passes.
type seen struct {
	router, service string
	received        received
}

// outcome is what became of one request, asked as often as its weights need.
type outcome struct {
	router string
	shares map[string]string
	seen   map[string]received
}

type seenKey struct{}

// gateway is a Traefik with one configuration, on one of its entry points.
type gateway struct {
	configuration *dynamic.HTTPConfiguration
	objects       *cluster
	routers       []routerInfo
	all           *muxer.Muxer
	// backwards has the same routers, added from the last to the first.
	backwards *muxer.Muxer
	// alone are muxers with one router each, in order of name, of the routers that Traefik keeps.
	alone []loneRouter
	// handlers are made anew for every question: the round robin begins its cycle again, and no answer hangs on what
	// was asked before.
	handlers map[string]http.Handler
}

type loneRouter struct {
	name     string
	priority int
	muxer    *muxer.Muxer
}

func newGateway(parser muxer.SyntaxParser, configuration *dynamic.Configuration, objects *cluster, tls bool) (*gateway, error) {
	made := &gateway{
		configuration: configuration.HTTP,
		objects:       objects,
		all:           muxer.NewMuxer(parser, nil),
	}
	for _, name := range slices.Sorted(maps.Keys(configuration.HTTP.Routers)) {
		router := configuration.HTTP.Routers[name]
		if (router.TLS != nil) != tls {
			continue
		}
		priority := priorityOf(router)
		_, err := made.routerHandler(router)
		if err == nil {
			err = made.all.AddRoute(router.Rule, router.RuleSyntax, priority, providerName, made.entry(name))
		}
		listed := routerInfo{Name: name, Rule: router.Rule, Priority: priority}
		if err != nil {
			// Traefik logs the fault and goes on without the router.
			listed.Error = err.Error()
		} else {
			alone := muxer.NewMuxer(parser, nil)
			if err := alone.AddRoute(router.Rule, router.RuleSyntax, priority, providerName, made.entry(name)); err != nil {
				return nil, err
			}
			made.alone = append(made.alone, loneRouter{name: name, priority: priority, muxer: alone})
		}
		made.routers = append(made.routers, listed)
	}
	made.backwards = muxer.NewMuxer(parser, nil)
	for _, kept := range slices.Backward(made.alone) {
		router := configuration.HTTP.Routers[kept.name]
		if err := made.backwards.AddRoute(router.Rule, router.RuleSyntax, kept.priority, providerName, made.entry(kept.name)); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// entry passes a request to the router's handler of the moment.
func (g *gateway) entry(name string) http.Handler {
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		request.Context().Value(seenKey{}).(*seen).router = name
		g.handlers[name].ServeHTTP(response, request)
	})
}

// renew makes all handlers anew.
func (g *gateway) renew() error {
	g.handlers = make(map[string]http.Handler)
	for _, router := range g.alone {
		handler, err := g.routerHandler(g.configuration.Routers[router.name])
		if err != nil {
			return err
		}
		g.handlers[router.name] = handler
	}
	return nil
}

// ask returns the winner among all routers, its shares, and who else could have won.
func (g *gateway) ask(asked testRequest) (answer, error) {
	won, err := g.outcome(g.all, asked)
	if err != nil {
		return answer{}, err
	}
	given := answer{Router: won.router, Shares: won.shares, Seen: won.seen}
	if won.router == "" {
		return given, nil
	}
	router := g.configuration.Routers[won.router]
	given.Rule = router.Rule
	given.Priority = priorityOf(router)
	for _, other := range g.alone {
		if other.name == won.router || other.priority != given.Priority {
			continue
		}
		met, err := g.outcome(other.muxer, asked)
		if err != nil {
			return answer{}, err
		}
		if met.router != "" {
			rule := g.configuration.Routers[other.name].Rule
			given.Ties = append(given.Ties, tie{Router: other.name, Rule: rule, Shares: met.shares, Seen: met.seen})
		}
	}
	if given.Ties != nil {
		// Routers come out of a Go map: what their order decides, chance decides.
		other, err := g.outcome(g.backwards, asked)
		if err != nil {
			return answer{}, err
		}
		if other.router == won.router {
			return answer{}, fmt.Errorf("%s wins over routers of its own priority in any order", won.router)
		}
	}
	return given, nil
}

// outcome asks as often as the weights have a cycle and returns the share of every Service or status.
func (g *gateway) outcome(handler http.Handler, asked testRequest) (outcome, error) {
	if err := g.renew(); err != nil {
		return outcome{}, err
	}
	jar, err := g.cookies(handler, asked)
	if err != nil {
		return outcome{}, err
	}
	counts := make(map[string]int64)
	found := outcome{shares: make(map[string]string), seen: make(map[string]received)}
	cycle := 1
	for draw := 0; draw < cycle; draw++ {
		request, met, err := asked.request(jar)
		if err != nil {
			return outcome{}, err
		}
		recorder := serve(handler, request)
		found.router = met.router
		if met.router != "" {
			cycle = g.cycle(g.configuration.Routers[met.router].Service)
		}
		name := met.service
		if name == "" {
			name = fmt.Sprint(recorder.Code)
		} else {
			found.seen[name] = met.received
		}
		counts[name]++
	}
	for name, count := range counts {
		found.shares[name] = big.NewRat(count, int64(cycle)).String()
	}
	return found, nil
}

// cookies returns what a client holds that was sent to the Service it sticks to.
func (g *gateway) cookies(handler http.Handler, asked testRequest) ([]*http.Cookie, error) {
	if asked.Sticky == "" {
		return nil, nil
	}
	for range stickyTries {
		request, met, err := asked.request(nil)
		if err != nil {
			return nil, err
		}
		recorder := serve(handler, request)
		if met.service == asked.Sticky {
			return recorder.Result().Cookies(), nil
		}
	}
	return nil, fmt.Errorf("no request ever reaches %s", asked.Sticky)
}

// cycle is how many requests a service needs until each of its shares is whole.
func (g *gateway) cycle(name string) int {
	service := g.configuration.Services[name]
	if service == nil || service.Weighted == nil {
		return 1
	}
	total := 0
	for _, part := range service.Weighted.Services {
		if part.Weight == nil {
			total++
		} else {
			total += *part.Weight
		}
	}
	return max(total, 1)
}

func (g *gateway) routerHandler(router *dynamic.Router) (http.Handler, error) {
	handler, err := g.serviceHandler(router.Service)
	if err != nil {
		return nil, err
	}
	return g.wrapped(handler, router.Middlewares)
}

// wrapped puts middlewares before a handler: those that answer by themselves, and those that set headers. Others change
// what a Service receives and not which one does.
func (g *gateway) wrapped(handler http.Handler, names []string) (http.Handler, error) {
	var err error
	for _, used := range slices.Backward(names) {
		middleware := g.configuration.Middlewares[used]
		switch {
		case middleware == nil:
			return nil, fmt.Errorf("middleware %q does not exist", used)
		case middleware.Chain != nil:
			handler, err = g.wrapped(handler, middleware.Chain.Middlewares)
		case middleware.RedirectScheme != nil:
			handler, err = redirect.NewRedirectScheme(context.Background(), handler, *middleware.RedirectScheme, used)
		case middleware.RedirectRegex != nil:
			handler, err = redirect.NewRedirectRegex(context.Background(), handler, *middleware.RedirectRegex, used)
		case middleware.Headers != nil:
			handler, err = headers.New(context.Background(), handler, *middleware.Headers, used)
		}
		if err != nil {
			return nil, err
		}
	}
	return handler, nil
}

func (g *gateway) serviceHandler(name string) (http.Handler, error) {
	handler, err := g.bareServiceHandler(name)
	if err != nil {
		return nil, err
	}
	return g.wrapped(handler, g.configuration.Services[name].Middlewares)
}

func (g *gateway) bareServiceHandler(name string) (http.Handler, error) {
	service := g.configuration.Services[name]
	switch {
	case service == nil:
		return nil, fmt.Errorf("service %q does not exist", name)
	case service.Weighted != nil:
		balancer := wrr.New(withName(service.Weighted.Sticky, name), false)
		for _, part := range service.Weighted.Services {
			handler, err := g.serviceHandler(part.Name)
			if err != nil {
				return nil, err
			}
			balancer.Add(part.Name, handler, part.Weight, false)
		}
		return balancer, nil
	case service.LoadBalancer != nil:
		// Other strategies choose among the endpoints of one Service, which all count as that Service.
		balancer := wrr.New(withName(service.LoadBalancer.Sticky, name), false)
		for _, server := range service.LoadBalancer.Servers {
			target, err := url.Parse(server.URL)
			if err != nil {
				return nil, err
			}
			owner, known := g.objects.services[target.Hostname()]
			if !known {
				return nil, fmt.Errorf("no Service has the address %s", server.URL)
			}
			balancer.AddServer(server.URL, served(owner), server)
		}
		return balancer, nil
	default:
		return nil, errors.New("a kind of service that the provider does not make")
	}
}

// withName returns the stickiness with the cookie's name as Traefik writes it.
func withName(sticky *dynamic.Sticky, service string) *dynamic.Sticky {
	if sticky == nil || sticky.Cookie == nil {
		return sticky
	}
	made := *sticky.Cookie
	made.Name = cookie.GetName(made.Name, service)
	return &dynamic.Sticky{Cookie: &made}
}

func served(owner string) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		met := request.Context().Value(seenKey{}).(*seen)
		met.service = owner
		met.received = received{Headers: request.Header.Clone(), Path: request.URL.EscapedPath()}
	})
}

// priorityOf is the router's own priority, or what the rule's text gives.
func priorityOf(router *dynamic.Router) int {
	if router.Priority != 0 {
		return router.Priority
	}
	return muxer.GetRulePriority(router.Rule)
}

func serve(handler http.Handler, request *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	requestdecorator.New(nil).ServeHTTP(recorder, request, handler.ServeHTTP)
	return recorder
}

// request returns the request as Go's server reads it from the wire, and where its handlers write what they are.
func (t testRequest) request(cookies []*http.Cookie) (*http.Request, *seen, error) {
	var wire strings.Builder
	method := t.Method
	if method == "" {
		method = http.MethodGet
	}
	fmt.Fprintf(&wire, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, t.Path, t.Host)
	for _, header := range t.Headers {
		fmt.Fprintf(&wire, "%s: %s\r\n", header[0], header[1])
	}
	wire.WriteString("\r\n")
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(wire.String())))
	if err != nil {
		return nil, nil, fmt.Errorf("not a request: %w", err)
	}
	for _, held := range cookies {
		request.AddCookie(held)
	}
	met := &seen{}
	return request.WithContext(context.WithValue(request.Context(), seenKey{}, met)), met, nil
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/traefik/traefik/v3/pkg/config/dynamic"
	muxer "github.com/traefik/traefik/v3/pkg/muxer/http"
	"github.com/traefik/traefik/v3/pkg/provider/kubernetes/crd"
	"github.com/traefik/traefik/v3/pkg/provider/kubernetes/ingress"
	ingressnginx "github.com/traefik/traefik/v3/pkg/provider/kubernetes/ingress-nginx"
	"github.com/traefik/traefik/v3/pkg/safe"
	"k8s.io/apimachinery/pkg/util/yaml"
)

const loadTimeout = 60 * time.Second

type object = map[string]any

type resource struct {
	version, kind string
}

// resources are the paths that the provider's client reads, and what lies there.
var resources = map[string]resource{
	"apis/networking.k8s.io/v1/ingresses":      {"networking.k8s.io/v1", "Ingress"},
	"apis/networking.k8s.io/v1/ingressclasses": {"networking.k8s.io/v1", "IngressClass"},
	"api/v1/services":                          {"v1", "Service"},
	"api/v1/secrets":                           {"v1", "Secret"},
	"api/v1/configmaps":                        {"v1", "ConfigMap"},
	"apis/discovery.k8s.io/v1/endpointslices":  {"discovery.k8s.io/v1", "EndpointSlice"},
	"api/v1/nodes":                             {"v1", "Node"},

	"apis/traefik.io/v1alpha1/ingressroutes":        {"traefik.io/v1alpha1", "IngressRoute"},
	"apis/traefik.io/v1alpha1/ingressroutetcps":     {"traefik.io/v1alpha1", "IngressRouteTCP"},
	"apis/traefik.io/v1alpha1/ingressrouteudps":     {"traefik.io/v1alpha1", "IngressRouteUDP"},
	"apis/traefik.io/v1alpha1/middlewares":          {"traefik.io/v1alpha1", "Middleware"},
	"apis/traefik.io/v1alpha1/middlewaretcps":       {"traefik.io/v1alpha1", "MiddlewareTCP"},
	"apis/traefik.io/v1alpha1/serverstransports":    {"traefik.io/v1alpha1", "ServersTransport"},
	"apis/traefik.io/v1alpha1/serverstransporttcps": {"traefik.io/v1alpha1", "ServersTransportTCP"},
	"apis/traefik.io/v1alpha1/tlsoptions":           {"traefik.io/v1alpha1", "TLSOption"},
	"apis/traefik.io/v1alpha1/tlsstores":            {"traefik.io/v1alpha1", "TLSStore"},
	"apis/traefik.io/v1alpha1/traefikservices":      {"traefik.io/v1alpha1", "TraefikService"},
}

// cluster is what one case's API server holds.
type cluster struct {
	byKind map[string][]object
	// services are the names, namespace/name, behind the addresses of endpoints.
	services map[string]string
}

// api is a Kubernetes API server on a loopback port, as far as the provider's client needs one: lists, and watches in
// which nothing ever happens after the first objects. Every case has a folder of its own.
type api struct {
	address  string
	mutex    sync.Mutex
	clusters map[string]*cluster
	parser   muxer.SyntaxParser
}

func startAPI() (*api, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	parser, err := muxer.NewSyntaxParser()
	if err != nil {
		return nil, err
	}
	started := &api{address: listener.Addr().String(), clusters: make(map[string]*cluster), parser: parser}
	go func() { _ = http.Serve(listener, started) }()
	return started, nil
}

func (a *api) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	name, path, _ := strings.Cut(strings.TrimPrefix(request.URL.Path, "/"), "/")
	a.mutex.Lock()
	held := a.clusters[name]
	a.mutex.Unlock()
	asked, known := resources[path]
	if held == nil || !known {
		http.NotFound(response, request)
		return
	}
	response.Header().Set("Content-Type", "application/json")
	encoder := json.NewEncoder(response)
	query := request.URL.Query()
	if query.Get("watch") == "" {
		items := held.byKind[asked.kind]
		if items == nil {
			items = []object{}
		}
		_ = encoder.Encode(object{
			"apiVersion": asked.version, "kind": asked.kind + "List", "metadata": object{"resourceVersion": "1"}, "items": items,
		})
		return
	}
	if query.Get("sendInitialEvents") == "true" {
		for _, item := range held.byKind[asked.kind] {
			_ = encoder.Encode(object{"type": "ADDED", "object": item})
		}
		_ = encoder.Encode(object{"type": "BOOKMARK", "object": object{
			"apiVersion": asked.version, "kind": asked.kind, "metadata": object{
				"resourceVersion": "1", "annotations": object{"k8s.io/initial-events-end": "true"},
			},
		}})
	}
	response.(http.Flusher).Flush()
	<-request.Context().Done()
}

// load returns the configuration that the provider makes from a case's objects.
func (a *api) load(id int, held *cluster) (*dynamic.Configuration, error) {
	name := strconv.Itoa(id)
	a.mutex.Lock()
	a.clusters[name] = held
	a.mutex.Unlock()
	defer func() {
		a.mutex.Lock()
		delete(a.clusters, name)
		a.mutex.Unlock()
	}()

	endpoint := "http://" + a.address + "/" + name
	canaries := &ingressnginx.Provider{}
	canaries.SetDefaults()
	canaries.Endpoint = endpoint
	canaries.WatchIngressWithoutClass = true
	canaries.HTTPEntryPoint = plainEntryPoint
	canaries.HTTPSEntryPoint = tlsEntryPoint
	// The other providers are asked where there is something for them.
	providers := map[string]source{providerName: canaries}
	if held.byKind["IngressRoute"] != nil {
		providers[crd.ProviderName] = &crd.Provider{Endpoint: endpoint}
	}
	if held.hasOwnClass() {
		providers["kubernetes"] = &ingress.Provider{Endpoint: endpoint}
	}
	merged := &dynamic.Configuration{HTTP: &dynamic.HTTPConfiguration{
		Routers: map[string]*dynamic.Router{}, Services: map[string]*dynamic.Service{},
		Middlewares: map[string]*dynamic.Middleware{},
	}}
	for provider, each := range providers {
		found, err := configurationOf(each)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", provider, err)
		}
		add(merged.HTTP, found.HTTP, provider)
	}
	return merged, nil
}

// source is one of Traefik's providers.
type source interface {
	Init() error
	Provide(messages chan<- dynamic.Message, pool *safe.Pool) error
}

func configurationOf(provider source) (*dynamic.Configuration, error) {
	if err := provider.Init(); err != nil {
		return nil, err
	}
	pool := safe.NewPool(context.Background())
	defer pool.Stop()
	messages := make(chan dynamic.Message, 8)
	if err := provider.Provide(messages, pool); err != nil {
		return nil, err
	}
	select {
	case message := <-messages:
		return message.Configuration, nil
	case <-time.After(loadTimeout):
		return nil, errors.New("the provider gave no configuration")
	}
}

// add puts what a provider makes beside what others make, as Traefik's server does: names get `@` and the provider. Those
// of the provider for nginx annotations stay as they are.
func add(to, from *dynamic.HTTPConfiguration, provider string) {
	named := func(name string) string {
		if provider == providerName || name == "" || strings.Contains(name, "@") {
			return name
		}
		return name + "@" + provider
	}
	all := func(names []string) []string {
		var found []string
		for _, name := range names {
			found = append(found, named(name))
		}
		return found
	}
	for name, router := range from.Routers {
		made := *router
		made.Service, made.Middlewares = named(router.Service), all(router.Middlewares)
		to.Routers[named(name)] = &made
	}
	for name, service := range from.Services {
		made := *service
		made.Middlewares = all(service.Middlewares)
		if service.Weighted != nil {
			weighted := *service.Weighted
			weighted.Services = nil
			for _, part := range service.Weighted.Services {
				part.Name = named(part.Name)
				weighted.Services = append(weighted.Services, part)
			}
			made.Weighted = &weighted
		}
		to.Services[named(name)] = &made
	}
	for name, middleware := range from.Middlewares {
		made := *middleware
		if middleware.Chain != nil {
			made.Chain = &dynamic.Chain{Middlewares: all(middleware.Chain.Middlewares)}
		}
		to.Middlewares[named(name)] = &made
	}
}

// hasOwnClass tells whether an Ingress is of Traefik's own class.
func (c *cluster) hasOwnClass() bool {
	for _, entry := range c.byKind["Ingress"] {
		spec, _ := entry["spec"].(object)
		if spec["ingressClassName"] == "traefik" {
			return true
		}
	}
	return false
}

// read returns the objects of a text of manifests, each Service with an EndpointSlice where the text brings none.
//
// Every Service gets an address of its own, which tells later who was asked. A Service without endpoints gets a slice
// with none. The class `nginx` is added where the text brings no class.
func read(manifests string, withoutEndpoints []string) (*cluster, error) {
	found := &cluster{byKind: make(map[string][]object), services: make(map[string]string)}
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(manifests), 4096)
	kinds := make(map[string]bool)
	for _, read := range resources {
		kinds[read.kind] = true
	}
	sliced := make(map[string]bool)
	for {
		var entry object
		err := decoder.Decode(&entry)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		kind, _ := entry["kind"].(string)
		if !kinds[kind] {
			continue
		}
		metadata, _ := entry["metadata"].(object)
		if metadata == nil {
			return nil, fmt.Errorf("%s without metadata", kind)
		}
		if kind != "IngressClass" && metadata["namespace"] == nil {
			metadata["namespace"] = "default"
		}
		metadata["resourceVersion"] = "1"
		found.byKind[kind] = append(found.byKind[kind], entry)
		if kind == "EndpointSlice" {
			labels, _ := metadata["labels"].(object)
			owner := fmt.Sprintf("%v/%v", metadata["namespace"], labels["kubernetes.io/service-name"])
			sliced[owner] = true
			endpoints, _ := entry["endpoints"].([]any)
			for _, endpoint := range endpoints {
				listed, _ := endpoint.(object)
				addresses, _ := listed["addresses"].([]any)
				for _, address := range addresses {
					found.services[fmt.Sprint(address)] = owner
				}
			}
		}
	}
	if found.byKind["IngressClass"] == nil {
		// Where there is none for its controller, the provider takes Ingresses of every class.
		for name, controller := range map[string]string{
			"nginx": "k8s.io/ingress-nginx", "traefik": "traefik.io/ingress-controller",
		} {
			found.byKind["IngressClass"] = append(found.byKind["IngressClass"], object{
				"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass",
				"metadata": object{"name": name, "resourceVersion": "1"},
				"spec":     object{"controller": controller},
			})
		}
	}
	for number, service := range found.byKind["Service"] {
		found.prepare(service, number, sliced, withoutEndpoints)
	}
	return found, nil
}

// prepare gives a Service an address and an EndpointSlice.
func (c *cluster) prepare(service object, number int, sliced map[string]bool, withoutEndpoints []string) {
	metadata := service["metadata"].(object)
	name := fmt.Sprintf("%v/%v", metadata["namespace"], metadata["name"])
	spec, _ := service["spec"].(object)
	if spec == nil {
		spec = object{}
		service["spec"] = spec
	}
	if spec["clusterIP"] == nil {
		spec["clusterIP"] = fmt.Sprintf("10.96.%d.%d", number/250, number%250+1)
	}
	if external, ok := spec["externalName"]; ok {
		c.services[fmt.Sprint(external)] = name
	}
	c.services[fmt.Sprint(spec["clusterIP"])] = name
	if sliced[name] {
		return
	}
	address := fmt.Sprintf("10.1.%d.%d", number/250, number%250+1)
	c.services[address] = name
	var ports []object
	listed, _ := spec["ports"].([]any)
	for _, entry := range listed {
		port, _ := entry.(object)
		portName, _ := port["name"].(string)
		ports = append(ports, object{"name": portName, "port": 8080})
	}
	endpoints := []object{{"addresses": []string{address}, "conditions": object{"ready": true, "serving": true}}}
	if slices.Contains(withoutEndpoints, name) {
		endpoints = []object{}
	}
	c.byKind["EndpointSlice"] = append(c.byKind["EndpointSlice"], object{
		"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
		"metadata": object{
			"name": metadata["name"], "namespace": metadata["namespace"], "resourceVersion": "1",
			"labels": object{"kubernetes.io/service-name": metadata["name"]},
		},
		"endpoints": endpoints, "ports": ports,
	})
}

// Traefik's own code answers requests for sets of Kubernetes manifests.
//
// Each line on standard input is one case in JSON, each line on standard output the answers to one case; `id` ties them
// together, and answers come in the order in which the cases are done. The program ends with its input.
//
// Real are the providers for nginx annotations, for IngressRoutes and for Ingresses of Traefik's own class, each with
// its Kubernetes client, the rule matchers with their priorities, and
// the weighted round robin. Stood in for are the API server, see api.go, and the part of Traefik between them that
// builds handlers from configuration, see gateway.go, which belongs to packages that cannot be had as a library.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/rs/zerolog"
	"github.com/rs/zerolog/log"
	"github.com/sirupsen/logrus"
	"k8s.io/klog/v2"
)

// casesAtOnce bounds connections: the client keeps one per kind of object. A case mostly waits for its client to sync.
const casesAtOnce = 64

type testCase struct {
	ID               int           `json:"id"`
	Manifests        string        `json:"manifests"`
	WithoutEndpoints []string      `json:"withoutEndpoints"`
	Requests         []testRequest `json:"requests"`
}

type testRequest struct {
	Method  string      `json:"method"`
	Host    string      `json:"host"`
	Path    string      `json:"path"`
	Headers [][2]string `json:"headers"`
	TLS     bool        `json:"tls"`
	// Sticky is the Service, namespace/name, that the client has been sent to before, with its cookies.
	Sticky string `json:"sticky"`
}

type caseAnswers struct {
	ID      int      `json:"id"`
	Error   string   `json:"error,omitempty"`
	Answers []answer `json:"answers,omitempty"`
	// Routers are all routers of the configuration: name, rule, and why Traefik drops it where it does.
	Routers []routerInfo `json:"routers,omitempty"`
}

type routerInfo struct {
	Name     string `json:"name"`
	Rule     string `json:"rule"`
	Priority int    `json:"priority"`
	Error    string `json:"error,omitempty"`
}

func main() {
	zerolog.SetGlobalLevel(zerolog.Disabled)
	log.Logger = zerolog.Nop()
	logrus.SetOutput(io.Discard)
	klog.SetOutput(io.Discard)
	klog.LogToStderr(false)
	// The provider prefers these to the endpoint that it is given.
	for _, name := range []string{"KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "KUBECONFIG"} {
		_ = os.Unsetenv(name)
	}

	api, err := startAPI()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	cases := make(chan testCase)
	var workers sync.WaitGroup
	var output sync.Mutex
	encoder := json.NewEncoder(os.Stdout)
	for range casesAtOnce {
		workers.Go(func() {
			for asked := range cases {
				answers := api.answer(asked)
				output.Lock()
				err := encoder.Encode(answers)
				output.Unlock()
				if err != nil {
					os.Exit(1)
				}
			}
		})
	}

	reader := bufio.NewReader(os.Stdin)
	for {
		line, err := reader.ReadBytes('\n')
		if len(line) > 1 {
			var asked testCase
			if wrong := json.Unmarshal(line, &asked); wrong != nil {
				fmt.Fprintln(os.Stderr, wrong)
				os.Exit(1)
			}
			cases <- asked
		}
		if err != nil {
			break
		}
	}
	close(cases)
	workers.Wait()
}

func (a *api) answer(asked testCase) caseAnswers {
	objects, err := read(asked.Manifests, asked.WithoutEndpoints)
	if err != nil {
		return caseAnswers{ID: asked.ID, Error: err.Error()}
	}
	configuration, err := a.load(asked.ID, objects)
	if err != nil {
		return caseAnswers{ID: asked.ID, Error: err.Error()}
	}
	found := caseAnswers{ID: asked.ID}
	entryPoints := make(map[bool]*gateway)
	for _, request := range asked.Requests {
		if entryPoints[request.TLS] == nil {
			if entryPoints[request.TLS], err = newGateway(a.parser, configuration, objects, request.TLS); err != nil {
				return caseAnswers{ID: asked.ID, Error: err.Error()}
			}
		}
		given, err := entryPoints[request.TLS].ask(request)
		if err != nil {
			return caseAnswers{ID: asked.ID, Error: err.Error()}
		}
		found.Answers = append(found.Answers, given)
	}
	for _, tls := range []bool{false, true} {
		if entryPoints[tls] != nil {
			found.Routers = append(found.Routers, entryPoints[tls].routers...)
		}
	}
	return found
}

// Istio's own pilot turns sets of manifests into Envoy's routes.
//
// Each line on standard input is one case in JSON, each line on standard output what pilot makes of one case; `id` ties
// them together. The program ends with its input.
//
// Real are the validation of Istio's admission webhook, the merging of delegates and Gateways, the controller for
// Ingresses, and the translation to listeners, clusters and routes. Stood in for are the API server and the connection
// to Envoy, by Istio's own fakes.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/log"
	"istio.io/istio/pkg/test"
)

type testCase struct {
	ID int `json:"id"`
	// Istio are the objects of networking.istio.io, Kubernetes all others, each a text of YAML documents.
	Istio      string            `json:"istio"`
	Kubernetes string            `json:"kubernetes"`
	Namespace  string            `json:"namespace"`
	Labels     map[string]string `json:"labels"`
	Sidecar    bool              `json:"sidecar"`
}

type made struct {
	ID int `json:"id"`
	// Refused is why the webhook takes an object not.
	Refused string `json:"refused,omitempty"`
	Error   string `json:"error,omitempty"`
	// Routes are route configurations, by name, as Envoy reads them.
	Routes   map[string]json.RawMessage `json:"routes"`
	Clusters []string                   `json:"clusters"`
}

func main() {
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
	encoder := json.NewEncoder(os.Stdout)
	reader := bufio.NewReader(os.Stdin)
	for {
		line, err := reader.ReadBytes('\n')
		if len(line) > 1 {
			var asked testCase
			if wrong := json.Unmarshal(line, &asked); wrong != nil {
				fmt.Fprintln(os.Stderr, wrong)
				os.Exit(1)
			}
			if wrong := encoder.Encode(answer(asked)); wrong != nil {
				os.Exit(1)
			}
		}
		if err != nil {
			return
		}
	}
}

func answer(asked testCase) (found made) {
	found = made{ID: asked.ID, Routes: map[string]json.RawMessage{}}
	configs, unknown, err := crd.ParseInputs(asked.Istio)
	if err == nil && len(unknown) > 0 {
		err = fmt.Errorf("unknown kinds: %v", unknown)
	}
	if err != nil {
		// That is what the admission webhook says.
		if reason, invalid := strings.CutPrefix(err.Error(), "configuration is invalid: "); invalid {
			found.Refused = strings.ReplaceAll(reason, "\n", " ")
		} else {
			found.Error = err.Error()
		}
		return found
	}
	for at := range configs {
		configs[at].Domain = "cluster.local"
	}
	err = test.Wrap(func(t test.Failer) {
		server := xds.NewFakeDiscoveryServer(t, xds.FakeOptions{
			Configs: configs, KubernetesObjectString: asked.Kubernetes,
		})
		kind := model.Router
		if asked.Sidecar {
			kind = model.SidecarProxy
		}
		proxy := server.SetupProxy(&model.Proxy{
			Type: kind, ConfigNamespace: asked.Namespace, Labels: asked.Labels,
			Metadata: &model.NodeMetadata{Namespace: asked.Namespace, Labels: asked.Labels},
		})
		for _, routes := range server.Routes(proxy) {
			text, err := protojson.Marshal(routes)
			if err != nil {
				t.Fatal(err)
			}
			found.Routes[routes.Name] = text
		}
		for _, cluster := range server.Clusters(proxy) {
			found.Clusters = append(found.Clusters, cluster.Name)
		}
	})
	if err != nil {
		found.Error = err.Error()
	}
	return found
}

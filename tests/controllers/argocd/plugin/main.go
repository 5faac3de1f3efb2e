// Command plugin asks Argo CD's own config management plugin server what it makes of an application, as repo-server does.
//
//	plugin CONFIG REPOSITORY FOLDER PARAMETERS
//
// CONFIG is the folder of plugin.yaml, the clone and the application's folder in it come next, and PARAMETERS are those
// of an Application, as JSON. One document of JSON: whether the plugin takes the application, what parameters it announces,
// what it generates, or why it does not.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/argoproj/argo-cd/v3/cmpserver"
	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/cmpserver/plugin"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/cmp"
)

type answer struct {
	Supported  bool     `json:"supported"`
	Parameters any      `json:"parameters"`
	Manifests  []string `json:"manifests"`
	Error      string   `json:"error"`
}

func ask(folder, repository, application, parameters string) (*answer, error) {
	var given v1alpha1.ApplicationSourcePluginParameters
	if err := json.Unmarshal([]byte(parameters), &given); err != nil {
		return nil, err
	}
	variables, err := given.Environ()
	if err != nil {
		return nil, err
	}
	variables = append(variables, "ARGOCD_APP_NAME=lane", "ARGOCD_APP_NAMESPACE=mse-prod")
	config, err := plugin.ReadPluginConfig(folder)
	if err != nil {
		return nil, err
	}
	server, err := cmpserver.NewServer(plugin.CMPServerInitConstants{PluginConfig: *config})
	if err != nil {
		return nil, err
	}
	go server.Run()
	for range 100 {
		if _, err := os.Stat(config.Address()); err == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	connection, client, err := apiclient.NewConfigManagementPluginClientSet(config.Address()).NewConfigManagementPluginClient()
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	made := &answer{}
	match, err := client.MatchRepository(ctx)
	if err != nil {
		return nil, err
	}
	if err := cmp.SendRepoStream(ctx, application, repository, match, variables, nil); err != nil {
		return nil, err
	}
	matched, err := match.CloseAndRecv()
	if err != nil {
		return nil, err
	}
	made.Supported = matched.IsSupported
	announce, err := client.GetParametersAnnouncement(ctx)
	if err != nil {
		return nil, err
	}
	if err := cmp.SendRepoStream(ctx, application, repository, announce, variables, nil); err != nil {
		return nil, err
	}
	announced, err := announce.CloseAndRecv()
	if err != nil {
		return nil, err
	}
	made.Parameters = announced.ParameterAnnouncements
	generate, err := client.GenerateManifest(ctx)
	if err != nil {
		return nil, err
	}
	if err := cmp.SendRepoStream(ctx, application, repository, generate, variables, nil); err != nil {
		return nil, err
	}
	generated, err := generate.CloseAndRecv()
	if err != nil {
		made.Error = err.Error()
		return made, nil
	}
	made.Manifests = generated.Manifests
	return made, nil
}

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "plugin CONFIG REPOSITORY FOLDER PARAMETERS")
		os.Exit(2)
	}
	made, err := ask(os.Args[1], os.Args[2], os.Args[3], os.Args[4])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(made)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Command argocd prints what Argo CD's repo-server makes of the sources of an Application.
//
//	argocd ROOT FILE
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/argoproj/argo-cd/v3/reposerver/repository"
	"github.com/argoproj/argo-cd/v3/util/git"
	utilio "github.com/argoproj/argo-cd/v3/util/io"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/yaml"
)

func run(root, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	app := v1alpha1.Application{}
	if err := yaml.Unmarshal(text, &app); err != nil {
		return err
	}
	paths := utilio.NewRandomizedTempPaths(os.TempDir())
	refs := map[string]*v1alpha1.RefTarget{}
	for _, source := range app.Spec.GetSources() {
		paths.Add(git.NormalizeGitURL(source.RepoURL), root)
		if source.Ref != "" {
			refs["$"+source.Ref] = &v1alpha1.RefTarget{Repo: v1alpha1.Repository{Repo: source.RepoURL}}
		}
	}
	for _, source := range app.Spec.GetSources() {
		if source.Path == "" && source.Chart == "" {
			continue
		}
		request := apiclient.ManifestRequest{
			Repo:               &v1alpha1.Repository{Repo: source.RepoURL},
			AppName:            app.Name,
			Namespace:          app.Spec.Destination.Namespace,
			ProjectName:        app.Spec.Project,
			ApplicationSource:  source.DeepCopy(),
			RefSources:         refs,
			HasMultipleSources: len(app.Spec.Sources) > 1,
			EnabledSourceTypes: map[string]bool{},
		}
		answer, err := repository.GenerateManifests(context.Background(), filepath.Join(root, source.Path), root, "HEAD",
			&request, true, &git.NoopCredsStore{}, resource.MustParse("0"), paths)
		if err != nil {
			return err
		}
		for _, manifest := range answer.Manifests {
			fmt.Printf("---\n%s\n", manifest)
		}
	}
	return nil
}

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

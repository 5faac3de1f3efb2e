package main

import (
	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
	listers "github.com/argoproj/argo-rollouts/pkg/client/listers/rollouts/v1alpha1"
	unstructuredutil "github.com/argoproj/argo-rollouts/utils/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/cache"
)

// mixedInformer is an informer of Rollouts whose store may hold them untyped: the controller writes them back so.
type mixedInformer struct {
	shared cache.SharedIndexInformer
}

func (i mixedInformer) Informer() cache.SharedIndexInformer { return i.shared }

func (i mixedInformer) Lister() listers.RolloutLister {
	return mixedLister{cache.NewGenericLister(i.shared.GetIndexer(), v1alpha1.RolloutGVR.GroupResource())}
}

type mixedLister struct{ cache.GenericLister }

func (l mixedLister) List(selector labels.Selector) ([]*v1alpha1.Rollout, error) {
	return typed(l.GenericLister.List(selector))
}

func (l mixedLister) Rollouts(namespace string) listers.RolloutNamespaceLister {
	return mixedNamespaceLister{l.GenericLister.ByNamespace(namespace)}
}

type mixedNamespaceLister struct{ cache.GenericNamespaceLister }

func (l mixedNamespaceLister) List(selector labels.Selector) ([]*v1alpha1.Rollout, error) {
	return typed(l.GenericNamespaceLister.List(selector))
}

func (l mixedNamespaceLister) Get(name string) (*v1alpha1.Rollout, error) {
	found, err := l.GenericNamespaceLister.Get(name)
	if err != nil {
		return nil, err
	}
	return unstructuredutil.ObjectToRollout(found), nil
}

func typed(objects []runtime.Object, err error) ([]*v1alpha1.Rollout, error) {
	var found []*v1alpha1.Rollout
	for _, each := range objects {
		found = append(found, unstructuredutil.ObjectToRollout(each))
	}
	return found, err
}

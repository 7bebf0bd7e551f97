// Karpenter's core controller with its kwok provider, as upstream starts it, but reachable from
// this machine only: upstream binds metrics and probes to every address and has no flag for it.
package main

import (
	"context"

	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	kwok "sigs.k8s.io/karpenter/kwok/cloudprovider"
	v1 "sigs.k8s.io/karpenter/pkg/apis/v1"
	"sigs.k8s.io/karpenter/pkg/cloudprovider"
	"sigs.k8s.io/karpenter/pkg/cloudprovider/overlay"
	"sigs.k8s.io/karpenter/pkg/controllers"
	"sigs.k8s.io/karpenter/pkg/controllers/nodeoverlay"
	"sigs.k8s.io/karpenter/pkg/controllers/state"
	"sigs.k8s.io/karpenter/pkg/operator"
)

const loopback = "127.0.0.1"

// overlaid starts nodes that offer what NodeOverlays say, as the AWS provider's NodeClaims do.
// The kwok provider alone gives a node the capacity of its instance type, whatever was overlaid:
// Karpenter would then take the node for smaller than it planned, and start another.
type overlaid struct {
	*kwok.CloudProvider
	kubeClient client.Client
	types      []*cloudprovider.InstanceType
	store      *nodeoverlay.InstanceTypeStore
}

func (o overlaid) Create(ctx context.Context, claim *v1.NodeClaim) (*v1.NodeClaim, error) {
	types, err := o.store.ApplyAll(claim.Labels[v1.NodePoolLabelKey], o.types)
	if err != nil {
		return nil, err
	}
	return kwok.NewCloudProvider(ctx, o.kubeClient, types).Create(ctx, claim)
}

func main() {
	// The operator makes its manager through this variable, with addresses such as ":8080".
	ctrl.NewManager = func(config *rest.Config, options manager.Options) (manager.Manager, error) {
		options.Metrics.BindAddress = loopback + options.Metrics.BindAddress
		options.HealthProbeBindAddress = loopback + options.HealthProbeBindAddress
		return manager.New(config, options)
	}
	ctx, op := operator.NewOperator()
	types, err := kwok.ConstructInstanceTypes(ctx)
	if err != nil {
		panic(err)
	}
	provider := overlaid{
		CloudProvider: kwok.NewCloudProvider(ctx, op.GetClient(), types),
		kubeClient:    op.GetClient(),
		types:         types,
		store:         op.InstanceTypeStore,
	}
	decorated := overlay.Decorate(provider, op.GetClient(), op.InstanceTypeStore)
	cluster := state.NewCluster(op.Clock, op.GetClient(), decorated)
	op.WithControllers(ctx, controllers.NewControllers(
		ctx, op.Manager, op.Clock, op.GetClient(), op.EventRecorder,
		decorated, provider, cluster, op.InstanceTypeStore,
	)...).Start(ctx)
}

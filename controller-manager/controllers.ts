/** The list of controllers: to add one is to add a line. */
import type { Controller } from '#client/controller.ts'
import type { FreeController } from '#client/controllers.ts'
import type { AccountedController } from '#client/run-controllers.ts'
import { attachDetachController } from './controllers/attach-detach.ts'
import { bootstrapSignerController } from './controllers/bootstrap-signer.ts'
import { bootstrapTokenCleanerController } from './controllers/bootstrap-token-cleaner.ts'
import { clusterRoleAggregationController } from './controllers/cluster-role-aggregation.ts'
import { cronJobController } from './controllers/cronjob.ts'
import { csrApprovingController } from './controllers/csr-approving.ts'
import { csrCleanerController } from './controllers/csr-cleaner.ts'
import { csrSigningController } from './controllers/csr-signing.ts'
import { daemonSetController } from './controllers/daemonset.ts'
import { deploymentController } from './controllers/deployment.ts'
import { disruptionController, staleDisruptionController } from './controllers/disruption.ts'
import { endpointsController } from './controllers/endpoints.ts'
import { endpointSliceController } from './controllers/endpointslice.ts'
import { mirroringController } from './controllers/endpointslice-mirroring.ts'
import { ephemeralVolumeController } from './controllers/ephemeral-volume.ts'
import { garbageCollectorController } from './controllers/garbage-collector.ts'
import { horizontalPodAutoscalerController } from './controllers/horizontal-pod-autoscaler.ts'
import { jobController } from './controllers/job.ts'
import { jobOrphansController } from './controllers/job-orphans.ts'
import { localPathProvisioner, localPathRemover } from './controllers/local-path.ts'
import { namespaceController } from './controllers/namespace.ts'
import { nodeIpamController } from './controllers/node-ipam.ts'
import { nodeLifecycleController } from './controllers/node-lifecycle.ts'
import { persistentVolumeClaimBinder } from './controllers/persistent-volume-claims.ts'
import { claimProtection, volumeProtection } from './controllers/persistent-volume-protection.ts'
import { persistentVolumeBinder } from './controllers/persistent-volumes.ts'
import { podGcController } from './controllers/pod-gc.ts'
import { replicaSetController } from './controllers/replicaset.ts'
import { replicationControllerController } from './controllers/replicationcontroller.ts'
import { resourceQuotaController } from './controllers/resource-quota.ts'
import { rootCaController } from './controllers/root-ca.ts'
import { serviceAccountController } from './controllers/service-account.ts'
import { serviceCidrController } from './controllers/service-cidr.ts'
import { statefulSetController } from './controllers/statefulset.ts'
import { taintEvictionController } from './controllers/taint-eviction.ts'
import { ttlAfterFinishedController } from './controllers/ttl-after-finished.ts'
import { volumeExpandController } from './controllers/volume-expand.ts'
import type { NodeSettings } from './node-settings.ts'
import type { ScalingSettings } from './scaling-settings.ts'

/** What the command line says that single controllers ask for. */
export interface ControllerSettings extends NodeSettings, Partial<ScalingSettings> {
  /**
   * The authorities, in PEM form, that pods shall trust when they talk to the API server; empty
   * where it is reached without TLS.
   */
  readonly rootAuthorities: string
}

export type AnyController = Controller | FreeController

export interface ListedController {
  /** As --controllers names it, which is as upstream does. */
  readonly name: string
  /** Service account in kube-system; upstream's role for it is system:controller:<account>. */
  readonly account: string
  /** More than one where the work is about objects of several kinds. */
  readonly controller: AnyController | readonly AnyController[] | MadeController
}

/** Undefined where the settings lack what the controller needs. */
type MadeController = (
  settings: ControllerSettings,
) => AnyController | readonly AnyController[] | undefined

/** What runs of it with these settings. */
export function madeWith(
  listed: ListedController,
  settings: ControllerSettings,
): AccountedController {
  const { name, account, controller } = listed
  return {
    name,
    account,
    make() {
      const made = typeof controller === 'function' ? controller(settings) : controller
      return made && [made].flat()
    },
  }
}

/** In the order of their names. */
export const controllers: readonly ListedController[] = [
  {
    name: 'clusterrole-aggregation-controller',
    account: 'clusterrole-aggregation-controller',
    controller: clusterRoleAggregationController,
  },
  {
    name: 'endpointslice-controller',
    account: 'endpointslice-controller',
    controller: endpointSliceController,
  },
  {
    name: 'garbage-collector-controller',
    account: 'generic-garbage-collector',
    controller: garbageCollectorController,
  },
  {
    name: 'cronjob-controller',
    account: 'cronjob-controller',
    controller: cronJobController(),
  },
  {
    name: 'daemonset-controller',
    account: 'daemon-set-controller',
    controller: daemonSetController,
  },
  {
    name: 'deployment-controller',
    account: 'deployment-controller',
    controller: deploymentController,
  },
  {
    name: 'job-controller',
    account: 'job-controller',
    controller: [jobController(), jobOrphansController],
  },
  {
    name: 'namespace-controller',
    account: 'namespace-controller',
    controller: namespaceController,
  },
  {
    name: 'replicaset-controller',
    account: 'replicaset-controller',
    controller: replicaSetController,
  },
  {
    name: 'replicationcontroller-controller',
    account: 'replication-controller',
    controller: replicationControllerController,
  },
  {
    name: 'root-ca-certificate-publisher-controller',
    account: 'root-ca-cert-publisher',
    controller: ({ rootAuthorities }) =>
      rootAuthorities ? rootCaController(rootAuthorities) : undefined,
  },
  {
    name: 'serviceaccount-controller',
    account: 'service-account-controller',
    controller: serviceAccountController,
  },
  {
    name: 'statefulset-controller',
    account: 'statefulset-controller',
    controller: statefulSetController,
  },
  {
    name: 'ttl-after-finished-controller',
    account: 'ttl-after-finished-controller',
    controller: ttlAfterFinishedController,
  },
  {
    name: 'ephemeral-volume-controller',
    account: 'ephemeral-volume-controller',
    controller: ephemeralVolumeController,
  },
  {
    name: 'local-path-provisioner',
    account: 'persistent-volume-binder',
    controller: [localPathProvisioner, localPathRemover],
  },
  {
    name: 'persistentvolume-binder-controller',
    account: 'persistent-volume-binder',
    controller: [persistentVolumeClaimBinder, persistentVolumeBinder],
  },
  {
    name: 'persistentvolume-expander-controller',
    account: 'expand-controller',
    controller: volumeExpandController,
  },
  {
    name: 'persistentvolume-protection-controller',
    account: 'pv-protection-controller',
    controller: volumeProtection,
  },
  {
    name: 'persistentvolumeclaim-protection-controller',
    account: 'pvc-protection-controller',
    controller: claimProtection,
  },
  {
    name: 'resourcequota-controller',
    account: 'resourcequota-controller',
    controller: ({ quotaSyncMs }) => resourceQuotaController(quotaSyncMs),
  },
  {
    name: 'bootstrap-signer-controller',
    account: 'bootstrap-signer',
    controller: bootstrapSignerController,
  },
  {
    name: 'certificatesigningrequest-approving-controller',
    account: 'certificate-controller',
    controller: csrApprovingController,
  },
  {
    name: 'certificatesigningrequest-cleaner-controller',
    account: 'certificate-controller',
    controller: csrCleanerController,
  },
  {
    name: 'certificatesigningrequest-signing-controller',
    account: 'certificate-controller',
    controller: ({ signing }) => (signing ? csrSigningController(signing) : undefined),
  },
  {
    name: 'endpoints-controller',
    account: 'endpoint-controller',
    controller: endpointsController,
  },
  {
    name: 'endpointslice-mirroring-controller',
    account: 'endpointslicemirroring-controller',
    controller: ({ mirroring }) => mirroringController(mirroring),
  },
  {
    name: 'node-ipam-controller',
    account: 'node-controller',
    controller: ({ nodeIpam }) => (nodeIpam ? nodeIpamController(nodeIpam) : undefined),
  },
  {
    name: 'node-lifecycle-controller',
    account: 'node-controller',
    controller: ({ nodeLifecycle }) => nodeLifecycleController(nodeLifecycle),
  },
  {
    name: 'pod-garbage-collector-controller',
    account: 'pod-garbage-collector',
    controller: ({ podGc }) => podGcController(podGc),
  },
  {
    name: 'taint-eviction-controller',
    account: 'node-controller',
    controller: taintEvictionController,
  },
  {
    name: 'token-cleaner-controller',
    account: 'token-cleaner',
    controller: bootstrapTokenCleanerController,
  },
  {
    name: 'disruption-controller',
    account: 'disruption-controller',
    controller: () => [disruptionController(), staleDisruptionController],
  },
  {
    name: 'horizontal-pod-autoscaler-controller',
    account: 'horizontal-pod-autoscaler',
    controller: ({ autoscaling }) => horizontalPodAutoscalerController(autoscaling),
  },
  {
    name: 'persistentvolume-attach-detach-controller',
    account: 'attachdetach-controller',
    controller: attachDetachController,
  },
  {
    name: 'service-cidr-controller',
    account: 'service-cidrs-controller',
    controller: serviceCidrController,
  },
]

/** As much of a pod as its containers still tell, once the API server does not have it any more. */
import type { Pod } from '#api/kinds/core/pod.ts'
import { epochToTime } from '#api/time.ts'
import type { ObservedPod } from './runtime.ts'
import { GRACE_LABEL } from './spec/container.ts'

const DEFAULT_GRACE_SECONDS = 30

/** It names no container: whatever is found is a stranger, and comes to its end. */
export function orphanPod({ pod, containers }: ObservedPod, nowMs: number): Pod {
  const graces = containers.map(({ labels }) =>
    Number(labels[GRACE_LABEL] ?? DEFAULT_GRACE_SECONDS),
  )
  const known = graces.filter((seconds) => Number.isInteger(seconds) && seconds >= 0)
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name: pod.name,
      namespace: pod.namespace,
      uid: pod.uid,
      resourceVersion: '1',
      creationTimestamp: epochToTime(Math.floor(nowMs / 1000)),
    },
    spec: {
      containers: [],
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: Math.max(0, ...known),
      dnsPolicy: 'Default',
      schedulerName: '',
      securityContext: {},
    },
    status: {},
  } as unknown as Pod
}

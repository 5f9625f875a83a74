/** What operators read: figures, descriptions, events. */
import type { OperationStep } from './kubectl-operations-steps.ts'

const events = (kind: string, name: string): string =>
  `describe ${kind} ${name} | sed -n '/^Events/,$p' | grep -v '^  ----'`

export const scalingUp: readonly OperationStep[] = [
  {
    until: 'get hpa busy --no-headers',
    writes: 'busy Deployment/busy cpu: <number>%/50% 1 4 4 <age>',
  },
  {
    run: 'annotate pods -l app=busy hollow.nanokube.io/cpu-usage=5m --overwrite | wc -l',
    writes: '4',
  },
]

export const figures: readonly OperationStep[] = [
  {
    until: 'top pods -l app=agent --containers --no-headers',
    writes: 'agent-<any> main 10m 16Mi',
  },
  { until: 'top nodes steady-0 --no-headers', writes: 'steady-0 <number>m 0% <number>Mi 0%' },
]

export const scalingDown: readonly OperationStep[] = [
  { until: 'get hpa busy --no-headers', writes: 'busy Deployment/busy cpu: 5%/50% 1 4 1 <age>' },
  {
    until: 'get deployment busy --no-headers',
    writes: 'busy 1/1 1 1 <age>',
  },
  {
    run: `describe hpa busy | sed -n '/^Metrics/,$p'`,
    writes: `Metrics: ( current / target )
  resource cpu on pods (as a percentage of request): <number>% (<number>m) / 50%
Min replicas: 1
Max replicas: 4
Deployment pods: 1 current / 1 desired
Conditions:
  Type Status Reason Message
  ---- ------ ------ -------
  AbleToScale True <any>
  ScalingActive True ValidMetricFound the HPA was able to successfully calculate a replica count \
from cpu resource utilization (percentage of request)
  ScalingLimited <any>
Events:
  Type Reason Age From Message
  ---- ------ ---- ---- -------
  Normal SuccessfulRescale <age> horizontal-pod-autoscaler New size: 4; reason: cpu resource \
utilization (percentage of request) above target
<lines>  Normal SuccessfulRescale <age> horizontal-pod-autoscaler New size: 1; reason: All metrics \
below target`,
  },
]

export const descriptions: readonly OperationStep[] = [
  {
    run: events('pod', 'huge'),
    writes: `Events:\n  Type Reason Age From Message
  Warning FailedScheduling <any> default-scheduler 0/4 nodes are available: <any>`,
  },
  {
    run: events('pvc', 'data'),
    writes: `Events:\n  Type Reason Age From Message
  Normal WaitForFirstConsumer <any> persistentvolume-controller waiting for first consumer to be \
created before binding`,
  },
  {
    run: events('job', 'now'),
    writes: `Events:\n  Type Reason Age From Message
  Normal SuccessfulCreate <age> job-controller Created pod: now-<any>
  Normal Completed <age> job-controller Job completed`,
  },
  {
    run: `describe job now | grep -E '^(Controlled|Parallelism|Completions|Backoff|Pods|Duration)'`,
    writes: `Controlled By: CronJob/tick\nParallelism: 1\nCompletions: 1\nBackoff Limit: 6
Duration: <age>\nPods Statuses: 0 Active (0 Ready) / 1 Succeeded / 0 Failed`,
  },
  {
    run: `describe cronjob tick | grep -E '^(Schedule|Concurrency|Suspend|Successful|Last|Active)'`,
    writes: `Schedule: 0 0 1 1 *\nConcurrency Policy: Allow\nSuspend: False
Successful Job History Limit: 3\nLast Schedule Time: <unset>\nActive Jobs: <none>`,
  },
  {
    until: `describe node steady-0 | sed -n '/^Events/,$p' | grep -oE 'Node steady-0 .*'`,
    writes: `<lines>Node steady-0 status is now: NodeReady
<lines>Node steady-0 status is now: NodeNotSchedulable
<lines>Node steady-0 status is now: NodeSchedulable`,
  },
  {
    run: `describe node steady-0 | grep -E '^(Taints|Unschedulable| +Hostname|Non-term| +HolderId)'`,
    writes: `Taints: <none>\nUnschedulable: false\n  HolderIdentity: steady-0\n  Hostname: steady-0
Non-terminated Pods: (<number> in total)`,
  },
  {
    run: `events --for=statefulset/db --no-headers | grep -o 'SuccessfulCreate .*'`,
    writes: 'SuccessfulCreate StatefulSet/db create Pod db-0 in StatefulSet db successful',
  },
]

/** Of the node whose kubelet was killed while all of that went on. */
export const losingNode: readonly OperationStep[] = [
  { until: 'get node frail-0 --no-headers', writes: 'frail-0 NotReady <none> <age> <any>' },
  {
    run: `get node frail-0 -o jsonpath='{range .spec.taints[*]}{.key}:{.effect}{"\\n"}{end}' | sort`,
    writes: `node.kubernetes.io/unreachable:NoExecute\nnode.kubernetes.io/unreachable:NoSchedule`,
  },
  {
    run: `get node frail-0 -o jsonpath='{range .status.conditions[*]}{.type} {.status} {.reason}{"\\n"}{end}'`,
    writes: `MemoryPressure Unknown NodeStatusUnknown\nDiskPressure Unknown NodeStatusUnknown
PIDPressure Unknown NodeStatusUnknown\nReady Unknown NodeStatusUnknown`,
  },
  {
    until: 'get pods -l app=moving --field-selector spec.nodeName!=frail-0 --no-headers',
    writes: `moving-<any> 1/1 Running 0 <age>
moving-<any> 1/1 Running 0 <age>\nmoving-<any> 1/1 Running 0 <age>`,
  },
  {
    run: 'get events --field-selector involvedObject.name=frail-0,reason=NodeNotReady --no-headers',
    writes: '<age> Normal NodeNotReady node/frail-0 Node frail-0 status is now: NodeNotReady',
  },
  { run: 'delete node frail-0', writes: 'node "frail-0" deleted' },
  { run: 'get nodes -o name', writes: 'node/steady-0\nnode/steady-1\nnode/steady-2' },
]

/** What operators type, and what it writes: nodes in repair, budgets, load, faults. */

/** Words after `kubectl`, as a shell reads them; with `until` tried again until it is so. */
export type OperationStep =
  | { readonly run: string; readonly writes: string }
  | { readonly until: string; readonly writes: string }

export const gettingToKnow: readonly OperationStep[] = [
  { run: 'cluster-info | head -n 1', writes: 'Kubernetes control plane is running at <any>' },
  {
    run: 'auth whoami',
    writes: `ATTRIBUTE VALUE\nUsername admin\nUID admin-uid
Groups [system:masters system:authenticated]`,
  },
  {
    run: 'api-resources --api-group=metrics.k8s.io --no-headers',
    writes: `nodes metrics.k8s.io/v1beta1 false NodeMetrics
pods metrics.k8s.io/v1beta1 true PodMetrics`,
  },
  {
    run: 'get componentstatuses --no-headers 2>&1',
    writes: `Warning: v1 ComponentStatus is deprecated in v1.19+\n<lines>`,
  },
  { run: 'wait --for=condition=Ready node --all --timeout=20s | wc -l', writes: '4' },
  {
    run: 'get nodes -o wide',
    writes: `NAME STATUS ROLES AGE VERSION INTERNAL-IP EXTERNAL-IP OS-IMAGE KERNEL-VERSION CONTAINER-RUNTIME
frail-0 Ready <none> <age> <any> 127.0.0.1 <none> Hollow 0.0.0 hollow://1.0.0
steady-0 Ready <none> <age> <any> 127.0.0.1 <none> Hollow 0.0.0 hollow://1.0.0
steady-1 Ready <none> <age> <any> 127.0.0.1 <none> Hollow 0.0.0 hollow://1.0.0
steady-2 Ready <none> <age> <any> 127.0.0.1 <none> Hollow 0.0.0 hollow://1.0.0`,
  },
]

export const settlingIn: readonly OperationStep[] = [
  { run: 'apply -f operations.yaml | wc -l', writes: '10' },
  {
    run: 'rollout status deployment/moving --timeout=20s | tail -n 1',
    writes: 'deployment "moving" successfully rolled out',
  },
  {
    run: 'rollout status deployment/busy --timeout=20s | tail -n 1',
    writes: 'deployment "busy" successfully rolled out',
  },
  {
    run: 'rollout status statefulset/db --timeout=20s | tail -n 1',
    writes: 'partitioned roll out complete: 1 new pods have been updated...',
  },
  {
    run: `get pods -l app=moving -o jsonpath='{range .items[*]}{.spec.nodeName}{"\\n"}{end}' | sort`,
    writes: 'frail-0\nsteady-0\nsteady-1\nsteady-2',
  },
  {
    run: 'autoscale deployment busy --cpu-percent=50 --min=1 --max=4',
    writes: 'horizontalpodautoscaler.autoscaling/busy autoscaled<lines>',
  },
]

export const labels: readonly OperationStep[] = [
  {
    run: 'label node steady-1 disk=ssd node-role.kubernetes.io/worker=',
    writes: 'node/steady-1 labeled',
  },
  {
    run: 'get nodes steady-1 -L disk --no-headers',
    writes: 'steady-1 Ready worker <age> <any> ssd',
  },
  {
    run: 'label node steady-1 disk=hdd',
    writes: `error: 'disk' already has a value (ssd), and --overwrite is false\n(exit 1)`,
  },
  { run: 'label node steady-1 disk-', writes: 'node/steady-1 unlabeled' },
  { run: 'annotate node steady-1 note=old', writes: 'node/steady-1 annotated' },
]

const CANNOT = `error: unable to drain node "steady-0" due to error: [<any>], continuing command...
There are pending nodes to be drained:
 steady-0
<lines>(exit 1)`

export const draining: readonly OperationStep[] = [
  { run: 'cordon steady-0', writes: 'node/steady-0 cordoned' },
  { run: 'cordon steady-0', writes: 'node/steady-0 already cordoned' },
  {
    run: 'get node steady-0 --no-headers',
    writes: 'steady-0 Ready,SchedulingDisabled <none> <age> <any>',
  },
  { run: 'drain steady-0', writes: `node/steady-0 already cordoned\n${CANNOT}` },
  { run: 'get pdb db --no-headers', writes: 'db 1 N/A 0 <age>' },
  {
    run: 'drain steady-0 --ignore-daemonsets --delete-emptydir-data --force --timeout=2s',
    writes: `<lines>evicting pod default/<any><lines>error when evicting pods/"db-0" -n "default" \
(will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.<lines>
pod/db-0<lines>global timeout reached: 2s\n(exit 1)`,
  },
  { run: 'get pod bare', writes: 'Error from server (NotFound): pods "bare" not found\n(exit 1)' },
  { run: 'delete pdb db', writes: 'poddisruptionbudget.policy "db" deleted<any>' },
  {
    run: 'drain steady-0 --ignore-daemonsets --delete-emptydir-data --timeout=20s',
    writes: `<lines>evicting pod default/db-0\npod/db-0 evicted\nnode/steady-0 drained\n<lines>
Warning: ignoring DaemonSet-managed Pods: default/agent-<any>`,
  },
  {
    run: `get pods --field-selector spec.nodeName=steady-0 -o jsonpath='{.items[*].metadata.labels.app}'`,
    writes: 'agent',
  },
  { run: 'uncordon steady-0', writes: 'node/steady-0 uncordoned' },
  { run: 'uncordon steady-0', writes: 'node/steady-0 already uncordoned' },
]

export const taints: readonly OperationStep[] = [
  {
    run: 'taint node steady-1 team=db:NoSchedule repair=now:NoExecute',
    writes: 'node/steady-1 tainted',
  },
  {
    run: 'taint node steady-1 team=db:NoSchedule',
    writes: `error: node steady-1 already has team taint(s) with same effect(s) and \
--overwrite is false\n(exit 1)`,
  },
  { run: 'wait --for=delete pod/patient --timeout=15s', writes: 'pod/patient condition met' },
  {
    run: 'get events --field-selector reason=TaintManagerEviction,involvedObject.name=patient --no-headers',
    writes:
      '<age> Normal TaintManagerEviction pod/patient Marking for deletion Pod default/patient',
  },
  {
    run: 'get pods --field-selector spec.nodeName=steady-1 --no-headers',
    writes: 'No resources found in default namespace.',
  },
  { run: 'taint node steady-1 team- repair-', writes: 'node/steady-1 untainted' },
]

export const waiting: readonly OperationStep[] = [
  { run: 'create job now --from=cronjob/tick', writes: 'job.batch/now created' },
  {
    run: 'wait --for=condition=complete job/now --timeout=15s',
    writes: 'job.batch/now condition met',
  },
  {
    run: `wait --for=jsonpath='{.status.readyReplicas}'=4 deployment/moving --timeout=15s`,
    writes: 'deployment.apps/moving condition met',
  },
  {
    run: 'wait --for=condition=Odd deployment/moving --timeout=1s',
    writes: 'error: timed out waiting for the condition on deployments/moving\n(exit 1)',
  },
  {
    run: 'scale deployment moving --replicas=3 --current-replicas=9',
    writes: 'error: Expected replicas to be 9, was 4\n(exit 1)',
  },
  {
    run: 'scale deployment moving --replicas=3 --current-replicas=4',
    writes: 'deployment.apps/moving scaled',
  },
]

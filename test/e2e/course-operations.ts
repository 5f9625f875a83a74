/** The second half of the course: settings, users, streams, faults, load, and the end of it all. */
import type { Chapter } from './course-step.ts'

const settings: Chapter = {
  title: 'ConfigMaps and Secrets are variables, and files that follow their changes',
  steps: [
    {
      run: 'kubectl apply -f settings.yaml',
      writes: 'configmap/settings created\nsecret/key created\npod/settled created',
    },
    { run: 'kubectl wait --for=condition=Ready pod/settled', writes: 'pod/settled condition met' },
    { run: `kubectl exec settled -- sh -c 'echo $COLOUR $PASSWORD'`, writes: 'blue hunter2' },
    { run: 'kubectl exec settled -- cat /settings/colour /key/password', writes: 'bluehunter2' },
    { run: 'kubectl exec settled -- stat -Lc %a /key/password', writes: '400' },
    {
      run: `kubectl patch configmap settings -p '{"data":{"colour":"green"}}'`,
      writes: 'configmap/settings patched',
    },
    { until: 'kubectl exec settled -- cat /settings/colour', writes: 'green' },
    { run: `kubectl exec settled -- sh -c 'echo $COLOUR'`, writes: 'blue' },
    { run: 'kubectl delete -f settings.yaml', writes: '<lines>pod "settled" deleted' },
  ],
}

const namespaces: Chapter = {
  title: 'a namespace has a quota, and a user who may do things there alone',
  steps: [
    {
      run: 'kubectl apply -f team.yaml',
      writes: `namespace/team created\nresourcequota/small created
rolebinding.rbac.authorization.k8s.io/jane created\ndeployment.apps/app created`,
    },
    { until: 'kubectl -n team get deployment app --no-headers', writes: 'app 2/3 2 2 <age>' },
    {
      until: `kubectl -n team get events --field-selector reason=FailedCreate -o jsonpath='{.items[0].message}'`,
      writes:
        'Error creating: pods "app-<any>" is forbidden: exceeded quota: small, requested: pods=1, ' +
        'used: pods=2, limited: pods=2',
    },
    { run: 'kubectl -n team get quota --no-headers', writes: 'small <age> pods: 2/2' },
    { run: 'kubectl -n team get pods --as=jane --no-headers | wc -l', writes: '2' },
    {
      run: 'kubectl get pods --as=jane',
      writes: `Error from server (Forbidden): pods is forbidden: User "jane" cannot list resource "pods" \
in API group "" in the namespace "default"\n(exit 1)`,
    },
    { run: 'kubectl delete namespace team', writes: 'namespace "team" deleted' },
    { run: 'kubectl get pods -A --no-headers | grep -c ^team', writes: '0\n(exit 1)' },
  ],
}

const streams: Chapter = {
  title: 'exec, logs -f, cp and port-forward reach into pods',
  steps: [
    {
      run: 'kubectl run box --image=nanokube-test/nginx:1 --port=80',
      writes: 'pod/box created',
    },
    { run: 'kubectl wait --for=condition=Ready pod/box', writes: 'pod/box condition met' },
    {
      run: `set -o pipefail
words='test -t 0 && echo terminal; exit 3'
script -qec "kubectl exec -it box -- sh -c '$words'" /dev/null < /dev/null | tr -d '\\r' | sed 's/\\^@//'`,
      writes: 'terminal\ncommand terminated with exit code 3\n(exit 3)',
    },
    { run: `echo upper | kubectl exec -i box -- tr a-z A-Z`, writes: 'UPPER' },
    {
      run: `head -c 1000000 /dev/urandom > "$SCRATCH/sent"
kubectl cp "$SCRATCH/sent" box:/tmp/sent && kubectl cp box:/tmp/sent "$SCRATCH/back" > /dev/null 2>&1
cmp "$SCRATCH/sent" "$SCRATCH/back" && echo same`,
      writes: 'same',
    },
    {
      run: `kubectl port-forward pod/box :80 > "$SCRATCH/forward" &
for try in $(seq 100); do grep -q '127.0.0.1:' "$SCRATCH/forward" && break; sleep 0.1; done
curl -sS -m 5 http://$(grep -om1 '127.0.0.1:[0-9]*' "$SCRATCH/forward")/hostname; kill %1`,
      writes: 'box',
    },
    {
      run: `timeout 20 kubectl logs -f --tail=1 box | grep -m1 curl | wc -l &
sleep 1; kubectl exec box -- sh -c 'wget -U curl -qO- http://127.0.0.1/hostname > /dev/null'; wait`,
      writes: '1',
    },
  ],
}

const healing: Chapter = {
  title: 'a container that is killed comes back',
  steps: [
    {
      run: `id=$(kubectl get pod box -o jsonpath='{.status.containerStatuses[0].containerID}')
docker kill \${id#docker://} | wc -l`,
      writes: '1',
    },
    { until: 'kubectl get pod box --no-headers', writes: 'box 1/1 Running 1 (<age> ago) <age>' },
    {
      run: `kubectl get pod box -o jsonpath='{.status.containerStatuses[0].lastState.terminated.exitCode}'`,
      writes: '137',
    },
    { run: 'kubectl delete pod box', writes: 'pod "box" deleted' },
  ],
}

/** Two pods fill a node: a seventh has no room. */
const packing: Chapter = {
  title: 'pods go where their requests fit, and wait where none does',
  steps: [
    {
      run: `cores=$(kubectl get node node1 -o jsonpath='{.status.allocatable.cpu}')
kubectl create deployment packed --image=nanokube-test/busybox:1 --replicas=0 -- sleep 100000
kubectl set resources deployment packed --requests=cpu=$((cores * 450))m
kubectl scale deployment packed --replicas=7`,
      writes: `deployment.apps/packed created
deployment.apps/packed resource requirements updated
deployment.apps/packed scaled`,
    },
    { until: 'kubectl get deployment packed --no-headers', writes: 'packed 6/7 7 6 <age>' },
    {
      until: `kubectl get pods -l app=packed -o jsonpath='{.items[*].spec.nodeName}' | tr ' ' '\\n' | sort | uniq -c | tr -s ' '`,
      writes: '2 node1\n 2 node2\n 2 node3',
    },
    {
      until: `kubectl get events --field-selector reason=FailedScheduling -o jsonpath='{.items[*].message}'`,
      writes: '<lines>0/3 nodes are available: 3 Insufficient cpu.<lines>',
    },
    { run: 'kubectl delete deployment packed', writes: 'deployment.apps "packed" deleted' },
    {
      run: 'kubectl delete pods -l app=packed --grace-period=1 --wait=false > /dev/null',
      writes: '',
    },
  ],
}

const faults: Chapter = {
  title: 'what goes wrong is said in statuses and events',
  steps: [
    { run: 'kubectl apply -f faults.yaml | wc -l', writes: '6' },
    { until: 'kubectl get pod crash --no-headers', writes: 'crash 0/1 CrashLoopBackOff <any>' },
    { run: 'kubectl logs crash --previous', writes: 'dying' },
    { until: 'kubectl get pod greedy --no-headers', writes: 'greedy 0/1 OOMKilled 0 <age>' },
    { run: 'kubectl get pod picky --no-headers', writes: 'picky 0/1 Pending 0 <age>' },
    {
      run: `kubectl get events --field-selector involvedObject.name=picky -o jsonpath='{.items[0].message}'`,
      writes: `0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.<lines>`,
    },
    {
      until: 'kubectl get pod unset --no-headers',
      writes: 'unset 0/1 CreateContainerConfigError 0 <age>',
    },
    {
      run: `kubectl get pod unset -o jsonpath='{.status.containerStatuses[0].state.waiting.message}'`,
      writes: 'configmap "lost" not found',
    },
    {
      until: 'kubectl get pod missing --no-headers',
      writes: 'missing 0/1 ImagePullBackOff 0 <age>',
    },
    {
      until: 'kubectl get pod sick --no-headers',
      writes: 'sick 1/1 Running <number> (<age> ago) <age>',
    },
    {
      run: `kubectl get events --field-selector involvedObject.name=sick -o jsonpath='{.items[*].message}'`,
      writes:
        '<lines>Liveness probe failed: <lines>Container main failed liveness probe, will be restarted<lines>',
    },
    {
      run: 'kubectl delete -f faults.yaml --grace-period=1 | wc -l',
      writes: '6',
    },
  ],
}

export const operations: readonly Chapter[] = [
  settings,
  namespaces,
  streams,
  healing,
  packing,
  faults,
]

/** Begun early, because autoscalers look four times a minute. */
export const loadBegins: Chapter = {
  title: 'a Deployment under load begins with one pod',
  steps: [
    {
      run: 'kubectl apply -f busy.yaml',
      writes: 'deployment.apps/busy created\nhorizontalpodautoscaler.autoscaling/busy created',
    },
  ],
}

export const loadEnds: Chapter = {
  title: 'by now the autoscaler has added pods, and the CronJob has ticked',
  steps: [
    { until: 'kubectl get deployment busy --no-headers', writes: 'busy 3/3 3 3 <age>' },
    {
      run: `kubectl get events --field-selector reason=SuccessfulRescale -o jsonpath='{.items[0].message}'`,
      writes:
        'New size: <number>; reason: cpu resource utilization (percentage of request) above target',
    },
    {
      until: 'kubectl top pods -l app=busy --no-headers | grep -c m',
      writes: '3',
    },
    { run: 'kubectl top nodes --no-headers | wc -l', writes: '3' },
    { run: 'kubectl delete -f busy.yaml', writes: '<lines>"busy" deleted' },
    {
      until: `kubectl get cronjob tick -o jsonpath='{.status.lastScheduleTime}'`,
      writes: '<time>',
    },
    {
      until: `kubectl get jobs -o name | grep -c 'tick-[0-9]'`,
      writes: '<number>',
    },
  ],
}

export const everythingGoes: Chapter = {
  title: 'everything is deleted, and nothing is left on any node',
  steps: [
    {
      run: 'kubectl delete -f jobs.yaml && kubectl delete all --all | tail -n 1',
      writes: '<lines>',
    },
    { until: 'kubectl get pods,pvc,pv -A', writes: 'No resources found' },
    // That went too, and the API server has made it anew.
    { until: 'kubectl get all -o name', writes: 'service/kubernetes' },
  ],
}

/** The first half of the course: pods, Deployments, Services, sets, jobs and volumes. */
import type { Chapter } from './course-step.ts'

const page = (version: number): string => `<h1>Welcome to nginx!</h1>\n<p>Version ${version}.</p>\n`

/** Asks each node at the port of a Service. */
const askNodes = (service: string): string =>
  `port=$(kubectl get service ${service} -o jsonpath='{.spec.ports[0].nodePort}')
for node in $NODES; do curl -sS -m 5 http://$node:$port/; done`

const nodesOf = (label: string): string =>
  `kubectl get pods -l ${label} -o jsonpath='{.items[*].spec.nodeName}' | tr ' ' '\\n' | sort -u`

const aPod: Chapter = {
  title: 'a pod runs, and answers at a port of every node',
  steps: [
    { run: 'kubectl run nginx --image=nanokube-test/nginx:1', writes: 'pod/nginx created' },
    { until: 'kubectl get pod nginx --no-headers', writes: 'nginx 1/1 Running 0 <age>' },
    {
      until: `kubectl describe pod nginx | sed -n '/^Events/,$p'`,
      writes: `Events:
  Type Reason Age From Message
  ---- ------ ---- ---- -------
  Normal Scheduled <age> default-scheduler Successfully assigned default/nginx to <any>
  Normal Pulled <age> kubelet Container image "nanokube-test/nginx:1" already present on <any>
  Normal Created <age> kubelet <any>
  Normal Started <age> kubelet <any>`,
    },
    {
      run: 'kubectl expose pod nginx --type=NodePort --port=80',
      writes: 'service/nginx exposed',
    },
    { until: askNodes('nginx'), writes: page(1).repeat(3) },
    { run: `kubectl logs nginx | grep -c '"GET / HTTP/1.1" 200'`, writes: '<number>' },
    { run: 'kubectl delete service/nginx pod/nginx', writes: 'service "nginx" deleted<lines>' },
  ],
}

const deployments: Chapter = {
  title: 'a Deployment is scaled, spread over nodes, and complete again when a pod is deleted',
  steps: [
    {
      run: 'kubectl create deployment web --image=nanokube-test/nginx:1',
      writes: 'deployment.apps/web created',
    },
    { run: 'kubectl scale deployment web --replicas=3', writes: 'deployment.apps/web scaled' },
    {
      run: 'kubectl rollout status deployment web --timeout=60s | tail -n 1',
      writes: 'deployment "web" successfully rolled out',
    },
    { run: nodesOf('app=web'), writes: 'node1\nnode2\nnode3' },
    {
      run: `pod=$(kubectl get pods -l app=web -o name | head -n 1)
kubectl delete $pod > "$SCRATCH/deleted"
kubectl rollout status deployment web --timeout=60s > "$SCRATCH/rolled"
kubectl get pods -l app=web -o name | grep -c $pod; kubectl get deployment web --no-headers`,
      writes: '0\nweb 3/3 3 3 <age>',
    },
    {
      run: `KUBE_EDITOR="sed -i 's/replicas: 3/replicas: 9/'" kubectl edit deployment web`,
      writes: 'deployment.apps/web edited',
    },
    { until: 'kubectl get deployment web --no-headers', writes: 'web 9/9 9 9 <age>' },
    { run: nodesOf('app=web'), writes: 'node1\nnode2\nnode3' },
    { run: 'kubectl apply -f web.yaml 2> /dev/null', writes: 'deployment.apps/web configured' },
    { until: 'kubectl get pods -l app=web --no-headers | wc -l', writes: '3' },
  ],
}

const rollouts: Chapter = {
  title: 'a rolling update has a history, and can be undone',
  steps: [
    {
      run: 'kubectl expose deployment web --type=NodePort --port=80',
      writes: 'service/web exposed',
    },
    { until: askNodes('web'), writes: page(1).repeat(3) },
    {
      run: 'kubectl set image deployment/web nginx=nanokube-test/nginx:2',
      writes: 'deployment.apps/web image updated',
    },
    {
      run: 'kubectl rollout status deployment web --timeout=60s | tail -n 1',
      writes: 'deployment "web" successfully rolled out',
    },
    { until: askNodes('web'), writes: page(2).repeat(3) },
    {
      run: 'kubectl rollout history deployment web',
      writes: 'deployment.apps/web\nREVISION CHANGE-CAUSE\n1 <none>\n2 <none>',
    },
    { run: 'kubectl rollout undo deployment web', writes: 'deployment.apps/web rolled back' },
    {
      run: 'kubectl rollout status deployment web --timeout=60s | tail -n 1',
      writes: 'deployment "web" successfully rolled out',
    },
    { until: askNodes('web'), writes: page(1).repeat(3) },
    {
      run: `kubectl get replicasets -l app=web --no-headers --sort-by=.status.replicas`,
      writes: 'web-<any> 0 0 0 <age>\nweb-<any> 3 3 3 <age>',
    },
  ],
}

const blueGreen: Chapter = {
  title: 'traffic goes from blue to green by the selector of a Service',
  steps: [
    {
      run: `for colour in blue green; do
  kubectl create deployment $colour --image=nanokube-test/nginx:$([ $colour = blue ] && echo 1 || echo 2)
  kubectl rollout status deployment $colour --timeout=60s | tail -n 1
done`,
      writes: `deployment.apps/blue created
        deployment "blue" successfully rolled out
        deployment.apps/green created
        deployment "green" successfully rolled out`.replace(/^ +/gm, ''),
    },
    {
      run: 'kubectl expose deployment blue --name=shop --type=NodePort --port=80',
      writes: 'service/shop exposed',
    },
    { until: askNodes('shop'), writes: page(1).repeat(3) },
    {
      run: `kubectl patch service shop -p '{"spec":{"selector":{"app":"green"}}}'`,
      writes: 'service/shop patched',
    },
    { until: askNodes('shop'), writes: page(2).repeat(3) },
    {
      run: 'kubectl delete deployment/blue deployment/green service/shop',
      writes: '<lines>service "shop" deleted',
    },
  ],
}

const balancer: Chapter = {
  title: 'an external address spreads its requests over all pods',
  steps: [
    {
      run: 'kubectl expose deployment web --name=public --type=LoadBalancer --port=80',
      writes: 'service/public exposed',
    },
    {
      until: 'kubectl get service public --no-headers',
      writes: 'public LoadBalancer <ip> 172.31.<number>.<number> 80:<number>/TCP <age>',
    },
    {
      until: `address=$(kubectl get service public -o jsonpath='{.status.loadBalancer.ingress[0].ip}')
for request in $(seq 40); do curl -sS -m 5 http://$address/hostname; done | sort -u > "$SCRATCH/asked"
kubectl get pods -l app=web -o jsonpath='{range .items[*]}{.metadata.name}{"\\n"}{end}' | sort | diff - "$SCRATCH/asked" && echo all`,
      writes: 'all',
    },
    { run: 'kubectl delete service web public', writes: '<lines>service "public" deleted' },
    { run: 'kubectl delete deployment web', writes: 'deployment.apps "web" deleted' },
  ],
}

const daemons: Chapter = {
  title: 'a DaemonSet speaks from every node; a Job counts, and a CronJob will tick',
  steps: [
    { run: 'kubectl apply -f agent.yaml', writes: 'daemonset.apps/agent created' },
    { until: 'kubectl get daemonset agent --no-headers', writes: 'agent 3 3 3 3 3 <none> <age>' },
    {
      run: 'kubectl logs -l app=agent | sort',
      writes: 'hello from node1\nhello from node2\nhello from node3',
    },
    { run: 'kubectl delete -f agent.yaml', writes: 'daemonset.apps "agent" deleted' },
    {
      run: 'kubectl apply -f jobs.yaml',
      writes: 'job.batch/sum created\ncronjob.batch/tick created',
    },
    { until: 'kubectl get job sum --no-headers', writes: 'sum Complete 3/3 <age> <age>' },
    { run: 'kubectl logs job/sum 2> /dev/null', writes: '42' },
    {
      run: 'kubectl create job now --from=cronjob/tick',
      writes: 'job.batch/now created',
    },
    { until: 'kubectl logs job/now', writes: 'tick' },
  ],
}

const sets: Chapter = {
  title: 'a StatefulSet has stable names, and volumes that survive the deletion of pods',
  steps: [
    { run: 'kubectl apply -f db.yaml', writes: 'service/db created\nstatefulset.apps/db created' },
    { until: 'kubectl get statefulset db --no-headers', writes: 'db 2/2 <age>' },
    {
      run: 'kubectl get pvc --no-headers',
      writes: `data-db-0 Bound pvc-<any> 10Mi RWO local-path <any>
data-db-1 Bound pvc-<any> 10Mi RWO local-path <any>`,
    },
    { run: 'kubectl delete pod db-0', writes: 'pod "db-0" deleted' },
    { until: 'kubectl get statefulset db --no-headers', writes: 'db 2/2 <age>' },
    { run: 'kubectl exec db-0 -- cat /data/index.html', writes: 'db-0\ndb-0' },
    { run: 'kubectl exec db-1 -- cat /data/index.html', writes: 'db-1' },
  ],
}

const names: Chapter = {
  title: 'pods find each other by name',
  steps: [
    {
      run: 'kubectl run asking --image=nanokube-test/busybox:1 -- sleep 100000',
      writes: 'pod/asking created',
    },
    { run: 'kubectl wait --for=condition=Ready pod/asking', writes: 'pod/asking condition met' },
    { run: 'kubectl exec asking -- wget -qO- http://db-1.db', writes: 'db-1' },
    {
      run: 'kubectl exec asking -- wget -qO- http://db-0.db.default.svc.cluster.local',
      writes: 'db-0\ndb-0',
    },
    {
      run: 'kubectl exec asking -- nslookup -type=a kubernetes.default.svc.cluster.local',
      writes: `Server: 10.96.0.10\nAddress: 10.96.0.10:53\n
Name: kubernetes.default.svc.cluster.local\nAddress: 10.96.0.1`,
    },
    {
      run: `kubectl exec asking -- sh -c 'echo | timeout 5 nc kubernetes.default 443 && echo reached'`,
      writes: 'reached',
    },
    {
      run: 'kubectl delete pod asking --grace-period=1',
      writes: 'pod "asking" deleted',
    },
    { run: 'kubectl delete -f db.yaml', writes: '<lines>statefulset.apps "db" deleted' },
    { run: 'kubectl delete pvc data-db-0 data-db-1', writes: '<lines>"data-db-1" deleted' },
    { until: 'kubectl get pv', writes: 'No resources found' },
  ],
}

const volumes: Chapter = {
  title: 'containers share a volume, and a claim outlives its pod',
  steps: [
    {
      run: 'kubectl apply -f volumes.yaml',
      writes: 'pod/shared created\npersistentvolumeclaim/notes created\npod/writer created',
    },
    {
      run: 'kubectl wait --for=condition=Ready pod/shared pod/writer --timeout=60s',
      writes: 'pod/shared condition met\npod/writer condition met',
    },
    { until: 'kubectl exec shared -c reader -- cat /both/file', writes: 'written' },
    {
      run: 'kubectl exec shared -c reader -- touch /both/other',
      writes: `touch: /both/other: Read-only file system
command terminated with exit code 1
(exit 1)`,
    },
    { run: 'kubectl delete pod shared writer', writes: '<lines>pod "writer" deleted' },
    { run: 'kubectl get pvc notes --no-headers', writes: 'notes Bound pvc-<any>' },
    { run: 'kubectl apply -f volumes.yaml | grep writer', writes: 'pod/writer created' },
    { until: 'kubectl exec writer -- cat /notes/log', writes: 'line\nline' },
    { run: 'kubectl delete -f volumes.yaml', writes: '<lines>pod "writer" deleted' },
    { until: 'kubectl get pv', writes: 'No resources found' },
  ],
}

export const workloads: readonly Chapter[] = [
  aPod,
  deployments,
  rollouts,
  blueGreen,
  balancer,
  daemons,
  sets,
  names,
  volumes,
]

/** What kubectl says when a user changes objects. */
import type { Step } from './kubectl-step.ts'

const conflict = `
error: Apply failed with 1 conflict: conflict with "kubectl": .spec.template.spec.containers[name="web"].image
Please review the fields above--they currently have other managers. Here
<lines>
(exit 1)`

export const applyingSteps: readonly Step[] = [
  ['apply -f web.yaml', 'deployment.apps/web created'],
  ['apply -f web.yaml', 'deployment.apps/web unchanged'],
  [
    'get deployments -o wide',
    `
NAME   READY   UP-TO-DATE   AVAILABLE   AGE   CONTAINERS   IMAGES       SELECTOR
web    0/2     0            0           <age> web          nginx:1.27   app=web`,
  ],
  [
    'describe deployment web',
    `
Name:                   web
Namespace:              applying
CreationTimestamp:      <any>
Labels:                 app=web
Annotations:            <none>
Selector:               app=web
Replicas:               2 desired | 0 updated | 0 total | 0 available | 0 unavailable
StrategyType:           RollingUpdate
MinReadySeconds:        0
RollingUpdateStrategy:  25% max unavailable, 25% max surge
Pod Template:
  Labels:  app=web
  Containers:
   web:
    Image:         nginx:1.27
    Port:          80/TCP
<lines>
Events:            <none>`,
  ],
  ['diff -f web.yaml', ''],
  [
    'get deployment web -o yaml | sed s/nginx:1.27/nginx:1.28/ > live.yaml; sed s/1.27/1.28/ web.yaml > new.yaml',
    '',
  ],
  [
    'diff -f new.yaml',
    `
diff -u -N <lines>
-  generation: 1
+  generation: 2
<lines>
-      - image: nginx:1.27
+      - image: nginx:1.28
<lines>
(exit 1)`,
  ],
  ['apply -f new.yaml --dry-run=server', 'deployment.apps/web configured (server dry run)'],
  ['get deployment web -o jsonpath={.metadata.generation}', '1'],
  ['apply -f new.yaml', 'deployment.apps/web configured'],
  ['get deployment web -o jsonpath={.metadata.generation}', '2'],
  [
    'apply view-last-applied deployment web -o json',
    '{\n<lines>"image": "nginx:1.28",\n<lines>\n}',
  ],
  ['apply --server-side -f new.yaml', 'deployment.apps/web serverside-applied'],
  ['apply --server-side --field-manager=other -f web.yaml', conflict],
  [
    'apply --server-side --field-manager=other --force-conflicts -f web.yaml',
    'deployment.apps/web serverside-applied',
  ],
  [
    "get deployment web --show-managed-fields -o jsonpath='{.metadata.managedFields[*].manager}'",
    'kubectl-last-applied kubectl other',
  ],
  ['apply -f pod.yaml -f web.yaml -o name', 'pod/alpha\ndeployment.apps/web'],
  ['delete -f pod.yaml --now', 'pod "alpha" deleted'],
]

const replicas = (count: number): string => `{"spec":{"replicas":${count}}}`
const image = (name: string): string =>
  `{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"${name}"}]}}}}`
const IMAGE = 'get deployment web -o jsonpath={.spec.template.spec.containers[*].image}'

export const changingSteps: readonly Step[] = [
  ['create -f web.yaml --save-config', 'deployment.apps/web created'],
  [`patch deployment web -p '${image('nginx:strategic')}'`, 'deployment.apps/web patched'],
  [IMAGE, 'nginx:strategic'],
  [`patch deployment web --type=merge -p '${replicas(5)}'`, 'deployment.apps/web patched'],
  [
    `patch deployment web --type=merge -p '${replicas(5)}'`,
    'deployment.apps/web patched (no change)',
  ],
  [
    `patch deployment web --type=json -p '[{"op":"replace","path":"/spec/replicas","value":4}]'`,
    'deployment.apps/web patched',
  ],
  [
    `patch deployment web --type=json -p '[{"op":"test","path":"/spec/replicas","value":1}]'`,
    'The request is invalid: the server rejected our request due to an error in our request\n(exit 1)',
  ],
  [
    `patch deployment web --type=merge -p '${replicas(-1)}'`,
    `The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0
(exit 1)`,
  ],
  [
    `patch deployment web --subresource=status --type=merge -p '{"status":{"replicas":4}}'`,
    'deployment.apps/web patched',
  ],
  ['get deployment web --subresource=status -o jsonpath={.status.replicas}', '4'],
  [
    'edit deployment web',
    'deployment.apps/web edited',
    { EDITOR: 'sed -i s/nginx:.*/nginx:edited/' },
  ],
  [IMAGE, 'nginx:edited'],
  ['edit deployment web', 'Edit cancelled, no changes made.', { EDITOR: 'true' }],
  ['get deployment web -o yaml | sed s/nginx:edited/nginx:replaced/ > live.yaml', ''],
  ['replace -f live.yaml', 'deployment.apps/web replaced'],
  [
    `replace -f live.yaml`,
    `
Error from server (Conflict): error when replacing "live.yaml": Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again
(exit 1)`,
  ],
  ['label deployment web tier=front', 'deployment.apps/web labeled'],
  ['label deployment web tier=front', 'deployment.apps/web not labeled'],
  [
    'label deployment web tier=back',
    "error: 'tier' already has a value (front), and --overwrite is false\n(exit 1)",
  ],
  ['label deployment web tier=back --overwrite', 'deployment.apps/web labeled'],
  ['label deployment web tier-', 'deployment.apps/web unlabeled'],
  ['annotate deployment web note=hello', 'deployment.apps/web annotated'],
  ['get deployment web -o jsonpath={.metadata.annotations.note}', 'hello'],
  ['annotate deployment web note-', 'deployment.apps/web annotated'],
  ['scale deployment web --replicas=3', 'deployment.apps/web scaled'],
  [
    'scale deployment web --replicas=7 --current-replicas=1',
    'error: Expected replicas to be 1, was 3\n(exit 1)',
  ],
  ['get deployment web --subresource=scale -o jsonpath={.spec.replicas}', '3'],
  ['set image deployment/web web=nginx:set', 'deployment.apps/web image updated'],
  ['set env deployment/web A=b', 'deployment.apps/web env updated'],
  [
    'set resources deployment web --limits=cpu=200m',
    'deployment.apps/web resource requirements updated',
  ],
  ['rollout history deployment web', 'deployment.apps/web\nNo rollout history found.'],
  [
    'rollout status deployment web --timeout=100ms',
    'Waiting for deployment spec update to be observed...\nerror: timed out waiting for the condition\n(exit 1)',
  ],
  ['rollout restart deployment web', 'deployment.apps/web restarted'],
  ['rollout pause deployment web', 'deployment.apps/web paused'],
  ['rollout resume deployment web', 'deployment.apps/web resumed'],
  ['rollout undo deployment web', 'error: no rollout history found for deployment "web"\n(exit 1)'],
  ['expose deployment web --port=80 --target-port=8080', 'service/web exposed'],
  [
    'get service web',
    'NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE\nweb ClusterIP <ip> <none> 80/TCP <age>',
  ],
  [
    'describe service web',
    `
Name:                     web
Namespace:                changing
Labels:                   app=web
Annotations:              <none>
Selector:                 app=web
Type:                     ClusterIP
IP Family Policy:         SingleStack
IP Families:              IPv4
IP:                       <ip>
IPs:                      <ip>
Port:                     <unset>  80/TCP
TargetPort:               8080/TCP
Endpoints:                <any>
Session Affinity:         None
Internal Traffic Policy:  Cluster
Events:                   <none>`,
  ],
  [
    'autoscale deployment web --min=1 --max=3 --cpu-percent=50',
    'horizontalpodautoscaler.autoscaling/web autoscaled',
  ],
  [
    'get hpa',
    `
NAME   REFERENCE        TARGETS              MINPODS   MAXPODS   REPLICAS   AGE
web    Deployment/web   cpu: <unknown>/50%   1         3         0          <age>`,
  ],
]

export const makingSteps: readonly Step[] = [
  ['create configmap settings --from-literal=a=b', 'configmap/settings created'],
  ['create secret generic keys --from-literal=a=b', 'secret/keys created'],
  [
    'get configmaps,secrets',
    `
NAME                 DATA   AGE
configmap/settings   1      <age>

NAME          TYPE     DATA   AGE
secret/keys   Opaque   1      <age>`,
  ],
  [
    'describe secret keys',
    'Name: keys\nNamespace: making\nLabels: <none>\nAnnotations: <none>\n\nType: Opaque\n\nData\n====\na: 1 bytes',
  ],
  ['create job once --image=busybox', 'job.batch/once created'],
  ["create cronjob often --image=busybox --schedule='* * * * *'", 'cronjob.batch/often created'],
  ['create job manual --from=cronjob/often', 'job.batch/manual created'],
  [
    'get cronjobs',
    `
NAME    SCHEDULE    TIMEZONE   SUSPEND   ACTIVE   LAST SCHEDULE   AGE
often   * * * * *   <none>     False     0        <none>          <age>`,
  ],
  [
    "create cronjob never --image=busybox --schedule='* * *'",
    `error: failed to create cronjob: CronJob.batch "never" is invalid: spec.schedule: Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *]
(exit 1)`,
  ],
  [
    'create role reader --verb=get --resource=pods',
    'role.rbac.authorization.k8s.io/reader created',
  ],
  [
    'create rolebinding reader --role=reader --user=eve',
    'rolebinding.rbac.authorization.k8s.io/reader created',
  ],
  ['create serviceaccount mine', 'serviceaccount/mine created'],
  ['create quota small --hard=pods=1,cpu=2', 'resourcequota/small created'],
  ['create ingress door --rule=a.example/x=web:80', 'ingress.networking.k8s.io/door created'],
  [
    'create poddisruptionbudget one --selector=app=web --min-available=1',
    'poddisruptionbudget.policy/one created',
  ],
  [
    'get ingresses,poddisruptionbudgets,roles,rolebindings,serviceaccounts',
    `
NAME                             CLASS    HOSTS       ADDRESS   PORTS   AGE
ingress.networking.k8s.io/door   <none>   a.example             80      <age>

NAME                             MIN AVAILABLE   MAX UNAVAILABLE   ALLOWED DISRUPTIONS   AGE
poddisruptionbudget.policy/one   1               N/A               0                     <age>

NAME                                    CREATED AT
role.rbac.authorization.k8s.io/reader   <time>

NAME                                           ROLE          AGE
rolebinding.rbac.authorization.k8s.io/reader   Role/reader   <age>

NAME                     SECRETS   AGE
serviceaccount/default   0         <age>
serviceaccount/mine      0         <age>`,
  ],
  ['create service nodeport door --tcp=80:8080 --node-port=30080', 'service/door created'],
  [
    'create service nodeport other --tcp=80:8080 --node-port=30080',
    `
error: failed to create NodePort service: Service "other" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated
(exit 1)`,
  ],
  [
    'create service clusterip other --tcp=80 --clusterip=10.96.0.1',
    `
error: failed to create ClusterIP service: Service "other" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated
(exit 1)`,
  ],
  [
    'create namespace making',
    'Error from server (AlreadyExists): namespaces "making" already exists\n(exit 1)',
  ],
  [
    'create configmap settings -n nowhere',
    'error: failed to create configmap: namespaces "nowhere" not found\n(exit 1)',
  ],
]

export const deletingSteps: readonly Step[] = [
  ['run one --image=busybox --labels=app=x', 'pod/one created'],
  ['run two --image=busybox --labels=app=y', 'pod/two created'],
  ['run three --image=busybox --labels=app=y', 'pod/three created'],
  ['delete pod one --dry-run=server', 'pod "one" deleted (server dry run)'],
  ['delete pod one', 'pod "one" deleted'],
  [
    'delete pod two --grace-period=0 --force',
    `
pod "two" force deleted
Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.`,
  ],
  ['delete pods -l app=y', 'pod "three" deleted'],
  ['delete pods -l app=y', 'No resources found'],
  ['delete pod one', 'Error from server (NotFound): pods "one" not found\n(exit 1)'],
  ['delete pod one --ignore-not-found', ''],
  ['create -f web.yaml', 'deployment.apps/web created'],
  // Nobody collects the orphans of this server, so waiting would be in vain.
  ['delete deployment web --cascade=orphan --wait=false', 'deployment.apps "web" deleted'],
  ['get deployment web -o jsonpath={.metadata.finalizers}', '["orphan"]'],
  [
    `patch deployment web --type=merge -p '{"metadata":{"finalizers":null}}'`,
    'deployment.apps/web patched',
  ],
  ['wait deployment/web --for=delete --timeout=10s', ''],
  ['create -f web.yaml', 'deployment.apps/web created'],
  ['delete deployment web --cascade=foreground --wait=false', 'deployment.apps "web" deleted'],
  ['get deployment web -o jsonpath={.metadata.finalizers}', '["foregroundDeletion"]'],
  [
    `patch deployment web --type=json -p '[{"op":"remove","path":"/metadata/finalizers"}]'`,
    'deployment.apps/web patched',
  ],
  [
    'get deployment web',
    'Error from server (NotFound): deployments.apps "web" not found\n(exit 1)',
  ],
  ['create configmap one', 'configmap/one created'],
  ['create configmap two', 'configmap/two created'],
  ['delete configmaps --all', 'configmap "one" deleted\nconfigmap "two" deleted'],
  ['delete configmap --all', 'No resources found'],
  ['delete namespace deleting --wait=false', 'namespace "deleting" deleted'],
  ['get namespace deleting --no-headers', 'deleting Terminating <age>'],
  [
    'create configmap late',
    `error: failed to create configmap: configmaps "late" is forbidden: unable to create new content in namespace deleting because it is being terminated
(exit 1)`,
  ],
]

export const accessSteps: readonly Step[] = [
  ['auth whoami', '<lines>\nUsername admin\n<lines>'],
  ['auth can-i create pods', 'yes'],
  ['auth can-i delete nodes', 'yes\nWarning: <lines>'],
  ['create serviceaccount robot', 'serviceaccount/robot created'],
  ['create token robot --duration=1h', '<any>.<any>.<any>'],
]

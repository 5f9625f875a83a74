/** What kubectl says when a user looks around and reads objects. */
import type { Step } from './kubectl-step.ts'

export const discoverySteps: readonly Step[] = [
  [
    'api-resources --api-group=apps',
    `
NAME                  SHORTNAMES   APIVERSION   NAMESPACED   KIND
controllerrevisions                apps/v1      true         ControllerRevision
daemonsets            ds           apps/v1      true         DaemonSet
deployments           deploy       apps/v1      true         Deployment
replicasets           rs           apps/v1      true         ReplicaSet
statefulsets          sts          apps/v1      true         StatefulSet`,
  ],
  [
    'api-resources --namespaced=false --api-group= -o name',
    'componentstatuses\nnamespaces\nnodes\npersistentvolumes',
  ],
  [
    'api-resources --api-group= --verbs=deletecollection -o wide --sort-by=name',
    `
NAME SHORTNAMES APIVERSION NAMESPACED KIND VERBS CATEGORIES
<lines>
pods po v1 true Pod create,delete,deletecollection,get,list,patch,update,watch all
<lines>`,
  ],
  [
    'api-versions',
    `
admissionregistration.k8s.io/v1
apiextensions.k8s.io/v1
apiregistration.k8s.io/v1
apps/v1
authentication.k8s.io/v1
authorization.k8s.io/v1
autoscaling/v1
autoscaling/v2
batch/v1
certificates.k8s.io/v1
coordination.k8s.io/v1
discovery.k8s.io/v1
events.k8s.io/v1
flowcontrol.apiserver.k8s.io/v1
metrics.k8s.io/v1beta1
networking.k8s.io/v1
node.k8s.io/v1
policy/v1
rbac.authorization.k8s.io/v1
resource.k8s.io/v1
scheduling.k8s.io/v1
storage.k8s.io/v1
v1`,
  ],
  [
    'explain pod.spec.containers.image',
    'KIND:       Pod\nVERSION:    v1\n\nFIELD: image <string>\n\n\nDESCRIPTION:\n<lines>',
  ],
  [
    'explain deployment.spec.strategy --recursive',
    `
GROUP:      apps
KIND:       Deployment
VERSION:    v1

FIELD: strategy <DeploymentStrategy>


DESCRIPTION:
<lines>
FIELDS:
  rollingUpdate	<RollingUpdateDeployment>
    maxSurge	<IntOrString>
    maxUnavailable	<IntOrString>
  type	<string>
  enum: Recreate, RollingUpdate`,
  ],
  [
    'explain pods.spec.nothing',
    'KIND: Pod\nVERSION: v1\n\nerror: field "nothing" does not exist\n(exit 1)',
  ],
  ['explain nothing', `the server doesn't have a resource type "nothing"\n(exit 1)`],
  ['get --raw /livez', 'ok'],
  ['get --raw "/readyz?verbose"', '<lines>\nreadyz check passed'],
  ['cluster-info', 'Kubernetes control plane is running at https://<any>\n<lines>'],
  ['version -o json', '{\n<lines>\n    "gitVersion": "v1.36.<any>\n<lines>'],
]

export const readingSteps: readonly Step[] = [
  ['get pods', 'No resources found in reading namespace.'],
  ['create -f pod.yaml', 'pod/alpha created'],
  [
    'create -f pod.yaml',
    `Error from server (AlreadyExists): error when creating "pod.yaml": pods "alpha" already exists
(exit 1)`,
  ],
  ['run beta --image=nginx --labels=app=beta --port=80 --env=A=b', 'pod/beta created'],
  [
    'get pods',
    `
NAME    READY   STATUS    RESTARTS   AGE
alpha   0/1     Pending   0          <age>
beta    0/1     Pending   0          <age>`,
  ],
  [
    'get pods -o wide',
    `
NAME    READY   STATUS    RESTARTS   AGE   IP       NODE     NOMINATED NODE   READINESS GATES
alpha   0/1     Pending   0          <age> <none>   <none>   <none>           <none>
beta    0/1     Pending   0          <age> <none>   <none>   <none>           <none>`,
  ],
  [
    'get pod alpha -o yaml',
    `
apiVersion: v1
kind: Pod
metadata:
  creationTimestamp: "<time>"
  generation: 1
  labels:
    app: alpha
    tier: front
  name: alpha
  namespace: reading
  resourceVersion: "<number>"
  uid: <uid>
spec:
  containers:
  - command:
    - sleep
    - "3600"
    image: busybox
    imagePullPolicy: Always
    name: main
    resources: {}
    terminationMessagePath: /dev/termination-log
    terminationMessagePolicy: File
<lines>
  dnsPolicy: ClusterFirst
  enableServiceLinks: true
<lines>
  restartPolicy: Always
  schedulerName: default-scheduler
  securityContext: {}
<lines>
  terminationGracePeriodSeconds: 30
<lines>
status:
  phase: Pending
  qosClass: BestEffort`,
  ],
  [
    'get pod alpha -o json',
    '{\n    "apiVersion": "v1",\n    "kind": "Pod",\n    "metadata": {\n<lines>\n}',
  ],
  ['get pods -o name', 'pod/alpha\npod/beta'],
  ["get pods -o jsonpath='{.items[*].metadata.name}'", 'alpha beta'],
  [`get pods -o go-template='{{range .items}}{{.spec.restartPolicy}} {{end}}'`, 'Always Always'],
  [
    "get pods -o custom-columns='NAME:.metadata.name,IMAGE:.spec.containers[0].image'",
    'NAME IMAGE\nalpha busybox\nbeta nginx',
  ],
  [
    "get pods --sort-by='{.spec.containers[0].image}' --no-headers",
    'alpha 0/1 Pending 0 <age>\nbeta 0/1 Pending 0 <age>',
  ],
  ["get pods -l 'app in (beta, gamma),!tier' -o name", 'pod/beta'],
  ['get pods -l app!=beta -o name', 'pod/alpha'],
  ['get pods --field-selector=metadata.name=alpha -o name', 'pod/alpha'],
  ['get pods --field-selector=status.phase!=Pending', 'No resources found in reading namespace.'],
  [
    'get pods --field-selector=spec.nothing=1',
    `
Error from server (BadRequest): Unable to find "/v1, Resource=pods" that match label selector "", field selector "spec.nothing=1": field label not supported: spec.nothing
(exit 1)`,
  ],
  [
    'get pods -L tier --show-labels --no-headers',
    'alpha 0/1 Pending 0 <age> front app=alpha,tier=front\nbeta 0/1 Pending 0 <age> app=beta',
  ],
  ['get pods --chunk-size=1 -o name', 'pod/alpha\npod/beta'],
  ['get pods -A --no-headers | grep reading', '<lines>reading beta <any>'],
  ['get pod alpha nothing -o name', `pod/alpha\n${notFoundPods('nothing')}`],
  ['get nothing', `error: the server doesn't have a resource type "nothing"\n(exit 1)`],
  ['get po/beta po/none --ignore-not-found -o name', 'pod/beta'],
  ['get -f pod.yaml -o name', 'pod/alpha'],
  [
    'describe pod alpha',
    `
Name:         alpha
Namespace:    reading
<lines>
Node:         <none>
Labels:       app=alpha
              tier=front
Annotations:  <none>
Status:       Pending
<lines>
Containers:
  main:
    Image:      busybox
<lines>
    Command:
      sleep
      3600
<lines>
QoS Class:        BestEffort
<lines>
Events:           <none>`,
  ],
  [
    'describe namespace reading',
    `
Name:         reading
Labels:       kubernetes.io/metadata.name=reading
Annotations:  <none>
Status:       Active

No resource quota.

No LimitRange resource.`,
  ],
  [
    'create -f broken.yaml',
    `
Error from server (BadRequest): error when creating "broken.yaml": Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.containers[0].unknownField"
(exit 1)`,
  ],
  [
    'create -f broken.yaml --validate=false',
    [
      'The Pod "broken" is invalid:',
      `* spec.containers[0].name: Invalid value: "Main": a lowercase RFC 1123 label must <any>`,
      '* spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
      '(exit 1)',
    ].join('\n'),
  ],
  [
    'wait pod/alpha --for=jsonpath={.status.phase}=Pending --timeout=10s',
    'pod/alpha condition met',
  ],
  [
    'logs nothing',
    `error: error from server (NotFound): pods "nothing" not found in namespace "reading"\n(exit 1)`,
  ],
  ['exec nothing -- ls', notFoundPods('nothing')],
  ['get events', 'No resources found in reading namespace.'],
  ['get nodes', 'No resources found'],
  ['get node nothing', 'Error from server (NotFound): nodes "nothing" not found\n(exit 1)'],
  [
    'get service kubernetes -n default',
    'NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE\nkubernetes ClusterIP 10.96.0.1 <none> 443/TCP <age>',
  ],
  ['get priorityclass system-node-critical -o jsonpath={.value}', '2000001000'],
  ['top nodes', 'error: metrics not available yet\n(exit 1)'],
]

function notFoundPods(name: string): string {
  return `Error from server (NotFound): pods "${name}" not found\n(exit 1)`
}

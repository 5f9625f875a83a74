/** Probes and lifecycle hooks: how the kubelet asks a container and tells it. */
import {
  always,
  enumOf,
  inline,
  int32,
  int64,
  intOrString,
  listOf,
  nullable,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { stopSignal } from './stop-signal.ts'

export const execAction = struct(
  'core.v1.ExecAction',
  'Runs a program inside the container; exit code zero is success.',
  {
    command: omitEmpty(
      1,
      listOf(string, { listType: 'atomic' }),
      'Program and arguments, run without a shell.',
    ),
  },
)
export interface ExecAction extends Stored<typeof execAction> {}

export const httpHeader = struct('core.v1.HTTPHeader', 'A header of an HTTP request.', {
  name: always(1, string, 'Name of the header.'),
  value: always(2, string, 'Value of the header.'),
})
export interface HTTPHeader extends Stored<typeof httpHeader> {}

export const httpGetAction = struct(
  'core.v1.HTTPGetAction',
  'Sends an HTTP GET request; a status from 200 to 399 is success.',
  {
    path: omitEmpty(1, string, 'Path of the request. Defaults to /.', { default: '/' }),
    port: always(2, intOrString, 'Number or name of the port of the container.'),
    host: omitEmpty(3, string, 'Host to connect to. The address of the pod when unset.'),
    scheme: omitEmpty(
      4,
      enumOf('HTTP', 'HTTPS'),
      'HTTP or HTTPS, whose certificate is not checked. Defaults to HTTP.',
      { default: 'HTTP' },
    ),
    httpHeaders: omitEmpty(
      5,
      listOf(httpHeader, { listType: 'atomic' }),
      'Headers of the request; a name may occur more than once.',
    ),
  },
)
export interface HTTPGetAction extends Stored<typeof httpGetAction> {}

export const tcpSocketAction = struct(
  'core.v1.TCPSocketAction',
  'Opens a TCP connection; success is that it opens.',
  {
    port: always(1, intOrString, 'Number or name of the port of the container.'),
    host: omitEmpty(2, string, 'Host to connect to. The address of the pod when unset.'),
  },
)
export interface TCPSocketAction extends Stored<typeof tcpSocketAction> {}

export const grpcAction = struct('core.v1.GRPCAction', 'Calls the gRPC health service.', {
  port: always(1, int32, 'Number of the port of the container.'),
  service: nullable(
    2,
    string,
    'Name of the service to ask about. Empty asks about the server as a whole.',
    { mayOmit: true, default: '' },
  ),
})
export interface GRPCAction extends Stored<typeof grpcAction> {}

export const probeHandler = struct(
  'core.v1.ProbeHandler',
  'How a probe asks; exactly one field is set.',
  {
    exec: optional(1, execAction, 'Runs a program inside the container.'),
    httpGet: optional(2, httpGetAction, 'Sends an HTTP GET request.'),
    tcpSocket: optional(3, tcpSocketAction, 'Opens a TCP connection.'),
    grpc: optional(4, grpcAction, 'Calls the gRPC health service.'),
  },
)
export interface ProbeHandler extends Stored<typeof probeHandler> {}

export const probe = struct(
  'core.v1.Probe',
  'A check that the kubelet repeats while a container runs.',
  {
    handler: inline(1, probeHandler),
    initialDelaySeconds: omitEmpty(
      2,
      int32,
      'Seconds after the start of the container before the first check. Defaults to 0.',
    ),
    timeoutSeconds: omitEmpty(
      3,
      int32,
      'Seconds after which a check fails for lack of an answer. Defaults to 1.',
      { default: 1 },
    ),
    periodSeconds: omitEmpty(4, int32, 'Seconds between checks. Defaults to 10.', { default: 10 }),
    successThreshold: omitEmpty(
      5,
      int32,
      'Successes in a row that count as healthy again. Defaults to 1; only readiness may have more.',
      { default: 1 },
    ),
    failureThreshold: omitEmpty(
      6,
      int32,
      'Failures in a row that count as unhealthy. Defaults to 3.',
      { default: 3 },
    ),
    terminationGracePeriodSeconds: optional(
      7,
      int64,
      "Grace in seconds when this probe stops the container. The pod's grace when unset.",
    ),
  },
)
export interface Probe extends Stored<typeof probe> {}

export const sleepAction = struct('core.v1.SleepAction', 'Waits for some time.', {
  seconds: always(1, int64, 'Seconds to wait, no longer than the grace period of the pod.'),
})
export interface SleepAction extends Stored<typeof sleepAction> {}

export const lifecycleHandler = struct(
  'core.v1.LifecycleHandler',
  'What a lifecycle hook does; exactly one field is set.',
  {
    exec: optional(1, execAction, 'Runs a program inside the container.'),
    httpGet: optional(2, httpGetAction, 'Sends an HTTP GET request.'),
    tcpSocket: optional(3, tcpSocketAction, 'Not supported as a hook; kept for compatibility.'),
    sleep: optional(4, sleepAction, 'Waits for some time.'),
  },
)
export interface LifecycleHandler extends Stored<typeof lifecycleHandler> {}

export const lifecycle = struct(
  'core.v1.Lifecycle',
  'Hooks at the start and the end of a container.',
  {
    postStart: optional(
      1,
      lifecycleHandler,
      'Runs right after the container starts. Its failure stops the container.',
    ),
    preStop: optional(
      2,
      lifecycleHandler,
      'Runs before the container is told to stop; the grace period counts from its start.',
    ),
    stopSignal: optional(
      3,
      stopSignal,
      'Signal that asks the container to stop. That of the image or SIGTERM when unset.',
    ),
  },
)
export interface Lifecycle extends Stored<typeof lifecycle> {}

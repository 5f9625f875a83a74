/** FIXME: one sentence. */
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

export const execAction = struct('core.v1.ExecAction', '', {
  command: omitEmpty(1, listOf(string, { listType: 'atomic' }), ''),
})
export interface ExecAction extends Stored<typeof execAction> {}

export const httpHeader = struct('core.v1.HTTPHeader', '', {
  name: always(1, string, ''),
  value: always(2, string, ''),
})
export interface HTTPHeader extends Stored<typeof httpHeader> {}

export const httpGetAction = struct('core.v1.HTTPGetAction', '', {
  path: omitEmpty(1, string, ''),
  port: always(2, intOrString, ''),
  host: omitEmpty(3, string, ''),
  scheme: omitEmpty(4, enumOf('HTTP', 'HTTPS'), ''),
  httpHeaders: omitEmpty(5, listOf(httpHeader, { listType: 'atomic' }), ''),
})
export interface HTTPGetAction extends Stored<typeof httpGetAction> {}

export const tcpSocketAction = struct('core.v1.TCPSocketAction', '', {
  port: always(1, intOrString, ''),
  host: omitEmpty(2, string, ''),
})
export interface TCPSocketAction extends Stored<typeof tcpSocketAction> {}

export const grpcAction = struct('core.v1.GRPCAction', '', {
  port: always(1, int32, ''),
  service: nullable(2, string, '', { mayOmit: true, default: '' }),
})
export interface GRPCAction extends Stored<typeof grpcAction> {}

export const probeHandler = struct('core.v1.ProbeHandler', '', {
  exec: optional(1, execAction, ''),
  httpGet: optional(2, httpGetAction, ''),
  tcpSocket: optional(3, tcpSocketAction, ''),
  grpc: optional(4, grpcAction, ''),
})
export interface ProbeHandler extends Stored<typeof probeHandler> {}

export const probe = struct('core.v1.Probe', '', {
  handler: inline(1, probeHandler),
  initialDelaySeconds: omitEmpty(2, int32, ''),
  timeoutSeconds: omitEmpty(3, int32, ''),
  periodSeconds: omitEmpty(4, int32, ''),
  successThreshold: omitEmpty(5, int32, ''),
  failureThreshold: omitEmpty(6, int32, ''),
  terminationGracePeriodSeconds: optional(7, int64, ''),
})
export interface Probe extends Stored<typeof probe> {}

export const sleepAction = struct('core.v1.SleepAction', '', {
  seconds: always(1, int64, ''),
})
export interface SleepAction extends Stored<typeof sleepAction> {}

export const lifecycleHandler = struct('core.v1.LifecycleHandler', '', {
  exec: optional(1, execAction, ''),
  httpGet: optional(2, httpGetAction, ''),
  tcpSocket: optional(3, tcpSocketAction, ''),
  sleep: optional(4, sleepAction, ''),
})
export interface LifecycleHandler extends Stored<typeof lifecycleHandler> {}

export const lifecycle = struct('core.v1.Lifecycle', '', {
  postStart: optional(1, lifecycleHandler, ''),
  preStop: optional(2, lifecycleHandler, ''),
  stopSignal: optional(3, string, ''),
})
export interface Lifecycle extends Stored<typeof lifecycle> {}

/** Rules about probes and lifecycle hooks. */
import { isHttpHeaderName, isPortName, isPortNumber } from '../../names.ts'
import type { Container } from '../../parts/core/container.ts'
import type {
  HTTPGetAction,
  Lifecycle,
  LifecycleHandler,
  Probe,
  ProbeHandler,
  SleepAction,
} from '../../parts/core/probe.ts'
import { stopSignal } from '../../parts/core/stop-signal.ts'
import type { Path, Problems } from '../../problems.ts'
import { checkNotNegative, report } from './checks.ts'

type Handler = ProbeHandler & LifecycleHandler

/** What the pod around a container says that its hooks depend on. */
export interface HookRules {
  readonly gracePeriodSeconds: number | undefined
  readonly os: string | undefined
}

/** The probes and hooks of a container that keeps running. */
export function validateHooks(
  { lifecycle, livenessProbe, readinessProbe, startupProbe }: Container,
  rules: HookRules,
  at: Path,
  problems: Problems,
): void {
  if (lifecycle) validateLifecycle(lifecycle, rules, at.child('lifecycle'), problems)
  if (livenessProbe) {
    const place = at.child('livenessProbe')
    validateProbe(livenessProbe, rules, place, problems)
    checkSuccessThreshold(livenessProbe, place, problems)
  }
  if (readinessProbe) {
    const place = at.child('readinessProbe')
    validateProbe(readinessProbe, rules, place, problems)
    const { terminationGracePeriodSeconds: seconds } = readinessProbe
    if (seconds !== undefined) {
      const detail = 'must not be set for readinessProbes'
      problems.invalid(place.child('terminationGracePeriodSeconds'), seconds, detail)
    }
  }
  if (startupProbe) {
    const place = at.child('startupProbe')
    validateProbe(startupProbe, rules, place, problems)
    checkSuccessThreshold(startupProbe, place, problems)
  }
}

function checkSuccessThreshold({ successThreshold }: Probe, at: Path, problems: Problems): void {
  if (successThreshold !== 1) {
    problems.invalid(at.child('successThreshold'), successThreshold, 'must be 1')
  }
}

const probeCounters = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const

function validateProbe(probe: Probe, rules: HookRules, at: Path, problems: Problems): void {
  validateHandler(probe, rules, at, problems)
  for (const name of probeCounters) checkNotNegative(probe[name], at.child(name), problems)
  const { terminationGracePeriodSeconds: seconds } = probe
  if (seconds !== undefined && seconds <= 0) {
    problems.invalid(at.child('terminationGracePeriodSeconds'), seconds, 'must be greater than 0')
  }
}

function validateLifecycle(
  { postStart, preStop, stopSignal }: Lifecycle,
  rules: HookRules,
  at: Path,
  problems: Problems,
): void {
  if (postStart) validateHandler(postStart, rules, at.child('postStart'), problems)
  if (preStop) validateHandler(preStop, rules, at.child('preStop'), problems)
  if (stopSignal !== undefined) checkStopSignal(stopSignal, rules, at.child('stopSignal'), problems)
}

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const

function validateHandler(handler: Handler, rules: HookRules, at: Path, problems: Problems): void {
  let found = false
  for (const name of handlers) {
    if (!handler[name]) continue
    if (found) problems.forbidden(at.child(name), 'may not specify more than 1 handler type')
    else validateAction(handler, name, rules, at.child(name), problems)
    found = true
  }
  if (!found) problems.required(at, 'must specify a handler type')
}

function validateAction(
  { exec, httpGet, tcpSocket, grpc, sleep }: Handler,
  name: (typeof handlers)[number],
  rules: HookRules,
  at: Path,
  problems: Problems,
): void {
  if (name === 'exec' && !exec?.command?.length) problems.required(at.child('command'))
  if (name === 'httpGet' && httpGet) validateHttpGet(httpGet, at, problems)
  if (name === 'tcpSocket' && tcpSocket) checkPort(tcpSocket.port, at.child('port'), problems)
  if (name === 'grpc' && grpc) checkPort(grpc.port, at.child('port'), problems)
  if (name === 'sleep' && sleep) checkSleep(sleep, rules, at, problems)
}

const schemes = new Set(['HTTP', 'HTTPS'])

function validateHttpGet(action: HTTPGetAction, at: Path, problems: Problems): void {
  if (!action.path) problems.required(at.child('path'))
  checkPort(action.port, at.child('port'), problems)
  if (!schemes.has(action.scheme)) {
    problems.notSupported(at.child('scheme'), action.scheme, schemes)
  }
  for (const { name } of action.httpHeaders ?? []) {
    report(isHttpHeaderName(name), name, at.child('httpHeaders'), problems)
  }
}

/** A port of a container by number or by name. */
function checkPort(port: number | string, at: Path, problems: Problems): void {
  report(typeof port === 'number' ? isPortNumber(port) : isPortName(port), port, at, problems)
}

/** A grace period that is missing is a problem of its own, which the pod reports. */
function checkSleep({ seconds }: SleepAction, rules: HookRules, at: Path, problems: Problems) {
  const { gracePeriodSeconds: grace } = rules
  if (grace === undefined || (seconds >= 0 && seconds <= grace)) return
  const bound = `less than terminationGracePeriodSeconds (${grace})`
  problems.invalid(at, seconds, `must be non-negative and ${bound}`)
}

const signals: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['linux', new Set(stopSignal.values)],
  ['windows', new Set(['SIGKILL', 'SIGTERM'])],
])

function checkStopSignal(signal: string, { os }: HookRules, at: Path, problems: Problems): void {
  if (!os) problems.forbidden(at, 'may not be set for containers with empty `spec.os.name`')
  const supported = os && signals.get(os)
  if (supported && !supported.has(signal)) problems.notSupported(at, signal, supported)
}

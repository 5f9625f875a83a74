/** Puts admission together: the plugins that are wanted, and what they share. */
import { Admission, type AdmissionContext, type TolerationSeconds } from './admission.ts'
import { ObjectCache } from './object-cache.ts'
import { createPlugins, type PluginSwitches } from './plugins.ts'
import { rbacEscalation } from './rbac-escalation.ts'

export interface AdmissionSettings extends PluginSwitches {
  readonly tolerationSeconds?: TolerationSeconds
}

export interface OpenAdmission extends Disposable {
  readonly admission: Admission
}

const FIVE_MINUTES_SECONDS = 300
const usualTolerations = { notReady: FIVE_MINUTES_SECONDS, unreachable: FIVE_MINUTES_SECONDS }

export function openAdmission(
  parts: Omit<AdmissionContext, 'cache' | 'tolerationSeconds'>,
  settings: AdmissionSettings = {},
): OpenAdmission {
  const { store, resources, authorizer, clock, random, log } = parts
  const cache = new ObjectCache(store, resources)
  const tolerationSeconds = settings.tolerationSeconds ?? usualTolerations
  const context = { store, resources, authorizer, clock, random, log, cache, tolerationSeconds }
  return {
    admission: new Admission([...createPlugins(context, settings), rbacEscalation(context)]),
    [Symbol.dispose]: () => cache[Symbol.dispose](),
  }
}

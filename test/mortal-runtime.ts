/** A runtime whose kubelet dies in the middle of a call: before its effect, or right after. */
import type { Random } from '#daemon/random.ts'
import type { HollowRuntime } from '#kubelet/hollow/hollow-runtime.ts'

/** Calls that change something: between them nothing can be lost. */
const changing: readonly (string | symbol)[] = [
  'startSandbox',
  'stopSandbox',
  'removeSandbox',
  'createContainer',
  'startContainer',
  'stopContainer',
  'removeContainer',
]

export interface Mortal {
  readonly runtime: HollowRuntime
  /** It answers nobody any more. */
  readonly isDead: boolean
}

/** `calls` are answered; in the next one the kubelet dies. */
export function mortalRuntime(runtime: HollowRuntime, calls: number, random: Random): Mortal {
  let left = calls
  let isDead = false
  const never = new Promise<never>(() => undefined)
  const proxy = new Proxy(runtime, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (!changing.includes(name)) return value.bind(target)
      return async (...given: unknown[]) => {
        if (isDead) return never
        if (left-- > 0) return value.apply(target, given)
        isDead = true
        if (random.below(2) === 0) await value.apply(target, given)
        return never
      }
    },
  })
  return {
    runtime: proxy,
    get isDead() {
      return isDead
    },
  }
}

/** The hollow runtime, held to what every runtime promises. */
import { systemClock } from '#daemon/clock.ts'
import { seededRandom } from '#daemon/random.ts'
import { type RuntimeSubject, runtimePromises } from '#test/runtime-suite.ts'
import type { Runtime } from '../runtime.ts'
import { HollowRuntime } from './hollow-runtime.ts'

const IMAGE = 'nanokube-test/busybox:1'

function newRuntime(): HollowRuntime {
  let address = 1
  return new HollowRuntime({
    clock: systemClock,
    random: seededRandom(1),
    annotationsOf: () => ({}),
    nextIp: () => `10.244.1.${++address}`,
  })
}

/** Pods of a hollow node are kept in memory, so they outlive a kubelet and not their runtime. */
function outliving(runtime: Runtime): Runtime {
  return new Proxy(runtime, {
    get(target, key) {
      if (key === Symbol.asyncDispose) return async () => undefined
      const value = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

runtimePromises('the hollow runtime', async (): Promise<RuntimeSubject> => {
  const runtime = newRuntime()
  const signal = new AbortController().signal
  const pod = { uid: 'puller', name: 'puller', namespace: 'default' }
  await runtime.images.pull(IMAGE, { pod, credentials: [], signal })
  return {
    runtime,
    image: IMAGE,
    restart: async () => outliving(runtime),
    neighbour: async () => newRuntime(),
    [Symbol.asyncDispose]: () => runtime[Symbol.asyncDispose](),
  }
})

/** Work that goes on beside a service until the service stops. */
import type { ServiceContext } from './service.ts'

/** Goes on until disposed of; what makes it end by itself ends the process too. */
export function inBackground(
  name: string,
  { stop, signal }: Pick<ServiceContext, 'stop' | 'signal'>,
  run: (signal: AbortSignal) => Promise<void>,
): AsyncDisposable {
  const ending = new AbortController()
  const running = run(AbortSignal.any([ending.signal, signal])).catch((error) => {
    if (!ending.signal.aborted) stop(error as Error)
  })
  return {
    async [Symbol.asyncDispose]() {
      ending.abort(new DOMException(`the ${name} is stopping`, 'AbortError'))
      await running
    },
  }
}

/** A real process: signals, crashes and broken output end it as promised. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

/** A service whose start does what `body` says. */
function spawnService(body: string): ChildProcessWithoutNullStreams {
  const program = `
    import { runService } from ${JSON.stringify(new URL('./service.ts', import.meta.url).href)}
    await runService({
      name: 'tiny', summary: 'does little', version: 'v0', options: {}, graceMs: 5_000,
      async start(values, { log, signal }) {
        const alive = setInterval(() => {}, 1_000)
        ${body}
        return { async [Symbol.asyncDispose]() { clearInterval(alive) } }
      },
    })`
  return spawn(process.execPath, ['--input-type=module', '--eval', program])
}

function startedOf(child: ChildProcessWithoutNullStreams): Promise<void> {
  return new Promise((resolve) => {
    child.stdout.on('data', (chunk) => {
      if (String(chunk).includes('"started"')) resolve()
    })
  })
}

test.for(['SIGTERM', 'SIGINT'] as const)('%s ends the process with 0', async (signal) => {
  const child = spawnService('')
  const ended = once(child, 'exit')
  await startedOf(child)
  child.kill(signal)
  expect(await ended).toEqual([0, null])
})

test.for([
  ['an exception', 'setImmediate(() => { throw new Error("boom") })'],
  ['a rejection', 'setImmediate(() => { Promise.reject(new Error("boom")) })'],
] as const)('%s that nobody caught ends it with 70 and a log line', async ([, body]) => {
  const child = spawnService(body)
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  expect(code).toBe(70)
  const last = JSON.parse(output.trim().split('\n').at(-1)!)
  expect(last).toMatchObject({ level: 'fatal', message: 'crashed', error: { message: 'boom' } })
})

test('output that nobody reads any more ends it with 141', async () => {
  const child = spawnService('setInterval(() => log.info("tick"), 1)')
  const ended = once(child, 'exit')
  await startedOf(child)
  child.stdout.destroy()
  expect(await ended).toEqual([141, null])
})

test('arguments, standard error and exit codes are those of the process', async () => {
  const url = JSON.stringify(new URL('./host.ts', import.meta.url).href)
  const program = `
    import { systemHost } from ${url}
    systemHost.errors.write(JSON.stringify(systemHost.arguments))
    systemHost.exit(2)`
  const child = spawn(process.execPath, [
    '--input-type=module',
    '--eval',
    program,
    'main',
    'x',
    '--y',
  ])
  const [errors, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  expect([code, errors]).toEqual([2, '["x","--y"]'])
})

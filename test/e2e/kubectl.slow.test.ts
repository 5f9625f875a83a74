/** A real kubectl drives a real server process, and its output is what users know. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServerProcess, startServerProcess } from '#bench/server-process.ts'
import {
  comparableOutput,
  hasKubectl,
  KUBECTL,
  openShell,
  outputPattern,
  type Shell,
} from './kubectl.ts'
import { discoverySteps, readingSteps } from './kubectl-reading-steps.ts'
import type { Step } from './kubectl-step.ts'
import {
  accessSteps,
  applyingSteps,
  changingSteps,
  deletingSteps,
  makingSteps,
} from './kubectl-writing-steps.ts'

/** Each in a namespace of its name. */
const scripts: Readonly<Record<string, readonly Step[]>> = {
  discovery: discoverySteps,
  reading: readingSteps,
  applying: applyingSteps,
  changing: changingSteps,
  making: makingSteps,
  deleting: deletingSteps,
  access: accessSteps,
}

// CI has kubectl; a developer may not, and can still run everything else.
const isMissing = process.env.CI !== 'true' && !hasKubectl()

describe.skipIf(isMissing)(`kubectl${isMissing ? ' (skipped: it is not on the PATH)' : ''}`, () => {
  let server: ServerProcess

  beforeAll(async () => {
    server = await startServerProcess()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  /** With the account that a controller would make. */
  async function inNewNamespace(namespace: string): Promise<Shell> {
    const shell = await openShell(server, namespace)
    await shell.run(`create namespace ${namespace}`)
    await shell.run('create serviceaccount default')
    return shell
  }

  test.for(Object.entries(scripts))('%s', async ([namespace, steps]) => {
    const shell = await inNewNamespace(namespace)
    for (const [words, output, environment] of steps) {
      const written = comparableOutput(await shell.run(words, environment))
      // A failing comparison should show both texts, which a failing pattern does not.
      if (!outputPattern(output).test(written)) {
        expect.soft(written, `kubectl ${words}`).toBe(comparableOutput(output))
      }
    }
    expect(steps.length).toBeGreaterThan(0)
  })

  test('get --watch shows each change as it comes', async () => {
    const shell = await inNewNamespace('watching')
    await using watch = await follow(shell.directory, 'get pods --watch --no-headers', server)
    await shell.run('run first --image=busybox')
    expect(await watch.nextLine()).toMatch(/^first +0\/1 +Pending +0 +\d+s$/)
    await shell.run(`patch pod first --subresource=status -p '{"status":{"phase":"Running"}}'`)
    expect(await watch.nextLine()).toMatch(/^first +0\/1 +Running +0 +\d+s$/)
  })

  test('proxy serves the API without credentials', async () => {
    const shell = await openShell(server, 'default')
    await using proxy = await follow(shell.directory, 'proxy --port=0', server)
    const [, port] = /^Starting to serve on 127\.0\.0\.1:(\d+)$/.exec(await proxy.nextLine())!
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/namespaces/default`)
    expect(await answer.json()).toMatchObject({ kind: 'Namespace', metadata: { name: 'default' } })
  })
})

/** A kubectl that goes on until it is stopped, line by line. */
async function follow(directory: string, words: string, server: ServerProcess) {
  const child = spawn(KUBECTL, words.split(' '), {
    cwd: directory,
    env: { ...process.env, HOME: server.directory, KUBECONFIG: `${directory}/kubeconfig.json` },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async nextLine(): Promise<string> {
      const { value, done } = await lines.next()
      if (done) throw new Error(`kubectl ${words}: ended`)
      return value
    },
    async [Symbol.asyncDispose]() {
      child.kill()
      await once(child, 'exit')
    },
  }
}

/** Two commands on one cluster, and a cluster that goes while one waits. */
import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { systemClock as clock } from '#daemon/clock.ts'
import { temporaryDirectory } from '#test/temporary-directory.ts'
import { clusterFiles } from './cluster-files.ts'
import { lockCluster } from './cluster-lock.ts'
import { Progress } from './progress.ts'

const contextFor = (written: string[]) => ({
  clock,
  signal: new AbortController().signal,
  progress: new Progress({ clock, output: { write: (text) => written.push(text) }, isJson: false }),
})

test('the second command waits until the first lets go, and says so once', async () => {
  await using directory = await temporaryDirectory()
  const files = clusterFiles(directory.path)
  const written: string[] = []
  const first = await lockCluster(files, contextFor(written))
  let isHeld = false
  const second = lockCluster(files, contextFor(written)).then((lock) => {
    isHeld = true
    return lock
  })
  await expect.poll(() => written).toHaveLength(1)
  expect(isHeld).toBe(false)
  first[Symbol.dispose]()
  using _second = await second
  expect(written).toEqual(['Another command is changing this cluster: waiting for it.\n'])
})

test('who waited for a cluster that was removed locks the one that comes after it', async () => {
  await using directory = await temporaryDirectory()
  const files = clusterFiles(`${directory.path}/cluster`)
  const first = await lockCluster(files, contextFor([]))
  const second = lockCluster(files, contextFor([]))
  await rm(files.directory, { recursive: true })
  first[Symbol.dispose]()
  using _second = await second
  const third = new AbortController()
  const waiting = lockCluster(files, { ...contextFor([]), signal: third.signal })
  third.abort()
  await expect(waiting).rejects.toThrow()
})

/** NFS volumes are mounted once, by the tools of the node, and what fails is told. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '#test/temporary-directory.ts'
import type { MountRequest } from './mounter.ts'
import { mountNfs } from './nfs.ts'
import type { VolumeContext } from './volume-type.ts'

/** Keeps what was asked for, and says that it is mounted then. */
function recorded(directory: string, failure?: Error) {
  const requests: MountRequest[] = []
  const mounter = {
    mount: async (request: MountRequest) => {
      if (failure) throw failure
      requests.push(request)
    },
    unmount: async () => undefined,
    mountPoints: async () => requests.map((request) => request.directory),
  }
  return { requests, context: { directory, parts: { mounter } } as unknown as VolumeContext }
}

test.for([
  {
    server: 'nas',
    readOnly: undefined,
    options: ['nfsvers=4'],
    source: 'nas:/export',
    given: ['nfsvers=4'],
  },
  { server: 'fd00::1', readOnly: true, options: [], source: '[fd00::1]:/export', given: ['ro'] },
])('$source with $given', async ({ server, readOnly, options, source, given }) => {
  await using temporary = await temporaryDirectory()
  const directory = join(temporary.path, 'v')
  const { requests, context } = recorded(directory)
  const nfs = { server, path: '/export', ...(readOnly && { readOnly }) }
  const volume = await mountNfs(nfs, options, context)
  expect(volume).toEqual({ source: { path: directory }, isReadOnly: readOnly ?? false })
  await mountNfs(nfs, options, context)
  expect(requests).toEqual([{ type: 'nfs', source, directory, options: given }])
})

test('a mount that fails leaves no directory for pods to write into', async () => {
  await using temporary = await temporaryDirectory()
  const directory = join(temporary.path, 'v')
  const { context } = recorded(directory, new Error('mount failed: exit status 32'))
  const wanted = mountNfs({ server: 'nas', path: '/export' }, [], context)
  await expect(wanted).rejects.toThrow('mount failed: exit status 32')
  expect(existsSync(directory)).toBe(false)
})

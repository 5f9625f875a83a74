/** Images for tests, made of what Debian's packages bring: nothing is pulled. */
import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '#engine/engine.ts'
import { unlessMissing } from '#engine/engine-error.ts'

/** The static one of the package busybox-static. */
const BUSYBOX = '/bin/busybox'
const REPOSITORY = 'nanokube-test/busybox'
const TAG = '1'

/** Name of an image with a shell and the usual small programs; there when this resolves. */
export async function busyboxImage(engine: Engine): Promise<string> {
  const name = `${REPOSITORY}:${TAG}`
  if (await unlessMissing(engine.inspectImage(name))) return name
  const changes = ['CMD ["sh"]', 'ENV PATH=/bin']
  await engine.importImage(REPOSITORY, TAG, await busyboxArchive(), changes)
  return name
}

/** A tar archive of a root file system; `marker` makes it another image than all the others. */
export async function busyboxArchive(marker = ''): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'nanokube-image-'))
  try {
    for (const path of ['bin', 'etc', 'tmp']) await mkdir(join(folder, path))
    await copyFile(BUSYBOX, join(folder, 'bin/busybox'))
    const links =
      'for name in $(bin/busybox --list | grep -vx busybox); do ln -sf busybox "bin/$name"; done'
    const users = 'echo root:x:0:0::/:/bin/sh > etc/passwd; printf %s "$1" > etc/marker'
    execFileSync('sh', ['-c', `${links}; ${users}`, 'sh', marker], {
      cwd: folder,
    })
    execFileSync('chmod', ['1777', join(folder, 'tmp')])
    return execFileSync('tar', ['-C', folder, '-c', '.'], { maxBuffer: 64 * 1024 * 1024 })
  } finally {
    await rm(folder, { recursive: true })
  }
}

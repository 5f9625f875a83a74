/** A kubelet in the network of its node's container, which sees all processes of the machine. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { DockerSubject } from '#test/engine/docker-subject.ts'

const PROGRAM = fileURLToPath(new URL('../../test/engine/contained-kubelet.ts', import.meta.url))

test('pods hang on the network of a container, and join it', async () => {
  await using subject = await DockerSubject.start()
  const { image, cluster, rootDirectory } = subject
  const label = `io.nanokube.cluster=${cluster}`
  const node = docker('run', '-d', '--label', label, image, 'sleep', '1000')
  const path = `PATH=${dirname(process.execPath)}:/usr/sbin:/usr/bin:/sbin:/bin`
  const kubelet = ['env', path, process.execPath, PROGRAM, cluster, node, image, rootDirectory]
  docker(
    ...['run', '--rm', '--label', label, '--pid=host', `--network=container:${node}`],
    ...['--cap-add=NET_ADMIN', '--cap-add=SYS_ADMIN', '--cap-add=SYS_PTRACE'],
    ...['--security-opt=seccomp=unconfined', '--security-opt=apparmor=unconfined'],
    ...['-v', '/:/machine', image, 'chroot', '/machine', ...kubelet],
  )
  const seen = JSON.parse(readFileSync(join(rootDirectory, 'seen.json'), 'utf8'))
  expect(seen).toMatchObject({ reached: 'yes', ready: [true, true], figures: [1, 1] })
  expect(seen.node).toMatch(/^my-node\nlo 127\.0\.0\.1\/8\n/)
  const own = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
  expect(seen.node).toContain(`eth0 ${docker('inspect', '-f', own, node)}/`)
})

function docker(...programArguments: readonly string[]): string {
  return execFileSync('docker', programArguments, { encoding: 'utf8' }).trim()
}

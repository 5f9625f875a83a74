/** nginx as an image of packages of Debian: what the course runs where nothing can be pulled. */
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Engine } from '#engine/engine.ts'
import { unlessMissing } from '#engine/engine-error.ts'

const run = promisify(execFile)

const REPOSITORY = 'nanokube-test/nginx'
const PACKAGES = [
  'nginx',
  'nginx-common',
  'busybox-static',
  'libc6',
  'libcrypt1',
  'libpcre2-8-0',
  'libssl3',
  'zlib1g',
]
const ARCHIVE_BYTES_MAX = 256 * 1024 * 1024

const CHANGES = [
  'CMD ["nginx", "-g", "daemon off;"]',
  'ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin',
  'EXPOSE 80',
]

const SETTINGS = `
worker_processes 1;
error_log /dev/stderr notice;
pid /run/nginx.pid;
events { worker_connections 1024; }
http {
  access_log /dev/stdout;
  server {
    listen 80;
    root /usr/share/nginx/html;
    default_type text/html;
    location = /hostname { default_type text/plain; return 200 "$hostname\\n"; }
    location = /client { default_type text/plain; return 200 "$remote_addr\\n"; }
  }
}
`

/** Name of an image that serves a page with its version; there when this resolves. */
export async function nginxImage(engine: Engine, version: string): Promise<string> {
  const name = `${REPOSITORY}:${version}`
  if (await unlessMissing(engine.inspectImage(name))) return name
  const folder = await mkdtemp(join(tmpdir(), 'nanokube-image-'))
  try {
    const root = join(folder, 'root')
    await unpackPackages(folder, root)
    await configure(root, version)
    const options = { maxBuffer: ARCHIVE_BYTES_MAX, encoding: 'buffer' } as const
    const { stdout } = await run('tar', ['-C', root, '-c', '.'], options)
    await engine.importImage(REPOSITORY, version, stdout, CHANGES)
    return name
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function unpackPackages(folder: string, root: string): Promise<void> {
  await mkdir(root)
  // As root it would otherwise complain that its own user may not write here.
  await run('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', ...PACKAGES], { cwd: folder })
  const unpack = 'for package in *.deb; do dpkg-deb -x "$package" root; done'
  await run('sh', ['-ec', `${unpack}; rm -r root/usr/share/doc root/usr/share/man`], {
    cwd: folder,
  })
}

async function configure(root: string, version: string): Promise<void> {
  const shell =
    'for name in $(bin/busybox --list); do [ -e "bin/$name" ] || ln -s busybox "bin/$name"; done'
  await run('sh', ['-ec', shell], { cwd: root })
  await mkdir(join(root, 'tmp'))
  await chmod(join(root, 'tmp'), 0o1777)
  for (const path of ['run', 'var/log/nginx', 'var/lib/nginx']) {
    await mkdir(join(root, path), { recursive: true })
  }
  await symlink('/dev/stdout', join(root, 'var/log/nginx/access.log'))
  await symlink('/dev/stderr', join(root, 'var/log/nginx/error.log'))
  const users = 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n'
  await writeFile(join(root, 'etc/passwd'), users)
  await writeFile(join(root, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n')
  await writeFile(join(root, 'etc/nginx/nginx.conf'), SETTINGS)
  const page = `<h1>Welcome to nginx!</h1>\n<p>Version ${version}.</p>\n`
  await mkdir(join(root, 'usr/share/nginx/html'), { recursive: true })
  await writeFile(join(root, 'usr/share/nginx/html/index.html'), page)
}

/** The `nanokube` command. What Node compiles is kept for the next: see apiserver/main.ts. */
import { enableCompileCache } from 'node:module'

enableCompileCache()
const [{ runCommandLine }, { systemHost }] = await Promise.all([
  import('./command-line.ts'),
  import('#daemon/host.ts'),
])
systemHost.exit(await runCommandLine(systemHost))

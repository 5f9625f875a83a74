/** The list of commands: to add one is to add a line. */
import type { AnyCommand } from './command.ts'
import { completion } from './commands/completion.ts'
import { deleteCluster } from './commands/delete.ts'
import { doctor } from './commands/doctor.ts'
import { imageLoad } from './commands/image.ts'
import { join } from './commands/join.ts'
import { kubeconfig } from './commands/kubeconfig.ts'
import { leave } from './commands/leave.ts'
import { logs } from './commands/logs.ts'
import { nodeAdd, nodeList, nodeRemove } from './commands/node.ts'
import { snapshotList, snapshotRestore, snapshotSave } from './commands/snapshot.ts'
import { status } from './commands/status.ts'
import { down, stop } from './commands/stop.ts'
import { tokenCreate, tokenList } from './commands/token.ts'
import { start, up } from './commands/up.ts'
import { versionCommand } from './commands/version.ts'
import { whyCommand } from './commands/why.ts'

/** In the order in which people meet them. */
export const commands: readonly AnyCommand[] = [
  up,
  status,
  stop,
  down,
  start,
  deleteCluster,
  nodeAdd,
  nodeRemove,
  nodeList,
  tokenCreate,
  tokenList,
  join,
  leave,
  kubeconfig,
  whyCommand,
  doctor,
  imageLoad,
  logs,
  snapshotSave,
  snapshotRestore,
  snapshotList,
  completion,
  versionCommand,
]

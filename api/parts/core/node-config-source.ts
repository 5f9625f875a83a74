/** Where a kubelet once took its configuration from; only the fields are left of it. */
import { always, omitEmpty, optional, type Stored, string, struct } from '../../schema.ts'

export const configMapNodeConfigSource = struct(
  'core.v1.ConfigMapNodeConfigSource',
  'A config map with settings of a kubelet. No longer used.',
  {
    namespace: always(1, string, 'Namespace of the config map.'),
    name: always(2, string, 'Name of the config map.'),
    uid: omitEmpty(3, string, 'UID of the config map; for the status only.'),
    resourceVersion: omitEmpty(4, string, 'Version of the config map; for the status only.'),
    kubeletConfigKey: always(5, string, 'Key of the settings in the config map.'),
  },
)
export interface ConfigMapNodeConfigSource extends Stored<typeof configMapNodeConfigSource> {}

export const nodeConfigSource = struct(
  'core.v1.NodeConfigSource',
  'Where a kubelet takes its settings from. No longer used.',
  {
    configMap: optional(2, configMapNodeConfigSource, 'A config map with the settings.'),
  },
)
export interface NodeConfigSource extends Stored<typeof nodeConfigSource> {}

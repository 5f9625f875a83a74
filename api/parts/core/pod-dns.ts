/** How the containers of a pod resolve names. */
import { listOf, omitEmpty, optional, required, type Stored, string, struct } from '../../schema.ts'

export const hostAlias = struct(
  'core.v1.HostAlias',
  'A line of the hosts file of the containers.',
  {
    ip: required(1, string, 'IP address.'),
    hostnames: omitEmpty(2, listOf(string, { listType: 'atomic' }), 'Names of the address.'),
  },
)
export interface HostAlias extends Stored<typeof hostAlias> {}

export const podDNSConfigOption = struct(
  'core.v1.PodDNSConfigOption',
  'An option of the DNS resolver.',
  {
    name: omitEmpty(1, string, 'Name of the option, such as ndots.'),
    value: optional(2, string, 'Value of the option, where it has one.'),
  },
)
export interface PodDNSConfigOption extends Stored<typeof podDNSConfigOption> {}

export const podDNSConfig = struct(
  'core.v1.PodDNSConfig',
  'Settings of the DNS resolver, added to those of the DNS policy.',
  {
    nameservers: omitEmpty(
      1,
      listOf(string, { listType: 'atomic' }),
      'Addresses of name servers, 3 at most.',
    ),
    searches: omitEmpty(
      2,
      listOf(string, { listType: 'atomic' }),
      'Domains to search for short names, 32 at most.',
    ),
    options: omitEmpty(
      3,
      listOf(podDNSConfigOption, { listType: 'atomic' }),
      'Options of the resolver; a name given here wins.',
    ),
  },
)
export interface PodDNSConfig extends Stored<typeof podDNSConfig> {}

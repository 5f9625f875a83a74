/** The flags of the API server, named as upstream names them. */
import { type OptionValues, option } from '#daemon/options.ts'
import { defaultPluginNames, pluginNames } from './admission/plugins.ts'
import { authorizationModes, defaultModes } from './auth/authorization.ts'
import { servingFlags } from './serving-flags.ts'
import { kubeletFlags } from './streams/kubelet-flags.ts'

const frontProxyFlags = {
  'requestheader-client-ca-file': option.text({
    help:
      'File with the authorities of proxies that say in headers who the caller is; ' +
      'an authority of our own unless given.',
  }),
  'requestheader-allowed-names': option.list({
    help: 'Common names that such proxies may have; any with --requestheader-client-ca-file.',
  }),
  'requestheader-username-headers': option.list({
    help: 'Headers with the name of the user.',
    default: ['X-Remote-User'],
  }),
  'requestheader-uid-headers': option.list({
    help: 'Headers with the UID of the user.',
    default: ['X-Remote-Uid'],
  }),
  'requestheader-group-headers': option.list({
    help: 'Headers with its groups.',
    default: ['X-Remote-Group'],
  }),
  'requestheader-extra-headers-prefix': option.list({
    help: 'How headers with further facts about it begin.',
    default: ['X-Remote-Extra-'],
  }),
}

export const flags = {
  'Secure serving flags': {
    'bind-address': option.list({
      help: 'Addresses to listen on for HTTPS; clients on this machine are told the first.',
      default: ['0.0.0.0'],
    }),
    'advertise-address': option.text({
      help:
        'Address under which pods reach the server, as the Service kubernetes tells them; ' +
        'that of the machine unless given.',
    }),
    'secure-port': option.port({ help: 'Port to serve HTTPS on.', default: 6443 }),
    'cert-dir': option.text({
      help:
        'Directory of keys and certificates; what is missing there is made. ' +
        'Unless given, "pki" in the directory of the store.',
    }),
    'tls-cert-file': option.text({
      help: 'File with the serving certificate in PEM form; one of our own unless given.',
    }),
    'tls-private-key-file': option.text({ help: 'File with the key of the serving certificate.' }),
  },
  'Insecure serving flags': {
    'insecure-bind-address': option.text({
      help:
        'Loopback address to serve plain HTTP on too: whoever comes there without a token ' +
        'may do everything. For tests.',
    }),
    'insecure-port': option.port({ help: 'Port to serve plain HTTP on.', default: 8080 }),
    'insecure-allow-remote': option.boolean({
      help: 'Let --insecure-bind-address be one that others can reach: the cluster is theirs then.',
    }),
  },
  'Authentication flags': {
    'client-ca-file': option.text({
      help:
        'File with the authorities whose client certificates are accepted; ' +
        'our own authority unless given.',
    }),
    'token-auth-file': option.text({
      help: 'File with one "token,user,uid,groups" in each line.',
    }),
    'anonymous-auth': option.boolean({
      help: 'Let callers without credentials through to authorization, as system:anonymous.',
      default: true,
    }),
    'enable-bootstrap-token-auth': option.boolean({
      help: 'Accept the tokens in secrets of type bootstrap.kubernetes.io/token in kube-system.',
    }),
    'api-audiences': option.list({
      help: 'Audiences of tokens that are meant for this server; the issuers unless given.',
    }),
    ...frontProxyFlags,
  },
  'Service account flags': {
    'service-account-issuer': option.list({
      help: 'Issuer of tokens of service accounts; those of further ones are accepted too.',
      default: ['https://kubernetes.default.svc.cluster.local'],
    }),
    'service-account-key-file': option.list({
      help: 'Files with keys that tokens of service accounts may be signed with, public or private.',
    }),
    'service-account-signing-key-file': option.text({
      help: 'File with the key that signs them; one of our own unless given.',
    }),
    'service-account-jwks-uri': option.text({
      help: 'Where others find the public keys; on this server unless given.',
    }),
    'service-account-max-token-expiration': option.duration({
      help: 'Longer lives that are asked for are shortened to this; 0 means never.',
      default: 0,
    }),
    'service-account-extend-token-expiration': option.boolean({
      help: 'Keep tokens that kubelets renew hourly good for a year, for clients that do not look.',
      default: true,
    }),
  },
  'Authorization flags': {
    'authorization-mode': option.list({
      help:
        'Who is asked whether a request is allowed, in this order; the first to allow it decides. ' +
        `One or more of ${authorizationModes.join(', ')}.`,
      default: defaultModes,
    }),
  },
  'Admission flags': {
    'enable-admission-plugins': option.list({
      help: `Plugins to use besides those that are on by default. All: ${pluginNames.join(', ')}.`,
    }),
    'disable-admission-plugins': option.list({
      help: `Plugins to leave out. On by default: ${defaultPluginNames.join(', ')}.`,
    }),
    'default-not-ready-toleration-seconds': option.integer({
      help: 'How long pods stay on a node that is not ready, unless they say so themselves.',
      default: 300,
      min: 0,
    }),
    'default-unreachable-toleration-seconds': option.integer({
      help: 'How long pods stay on a node out of reach, unless they say so themselves.',
      default: 300,
      min: 0,
    }),
  },
  'Storage flags': {
    'data-dir': option.text({ help: 'Directory of the store.', required: true }),
  },
  ...kubeletFlags,
  'API flags': {
    ...servingFlags,
    'runtime-config': option.map({
      help:
        'Built-in APIs to serve or not, as <group>/<version>=true|false; all unless given. ' +
        'Who has a metrics server of their own leaves out metrics.k8s.io/v1beta1.',
    }),
    'service-cluster-ip-range': option.text({
      help: 'CIDR, or two with a comma, from which Services get their addresses.',
      default: '10.96.0.0/16',
    }),
    'service-node-port-range': option.text({
      help: 'Ports that Services may take on every node.',
      default: '30000-32767',
    }),
  },
}

export type Flags = OptionValues<typeof flags>

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slowLines } from '../testing.js';
import { findSecrets, redactSecrets } from './index.js';

const secretsOf = (text: string) => findSecrets(text).map((one) => text.slice(one.start, one.end));

describe('what is a secret', () => {
  const table: readonly (readonly [string, string, readonly string[]])[] = [
    ['communities of SNMP', 'rocommunity c0mmun1ty 10.0.0.0/8\nsnmp-server community 0ther RO', ['c0mmun1ty', '0ther']],
    ['a community after -c', 'snmpwalk -v2c -c c0mmun1ty 10.0.0.1 ifTable', ['c0mmun1ty']],
    [
      'a user of SNMP',
      'createUser u SHA "hunter21" AES hunter22\nsnmpget -A hunter23 -X hunter24 h',
      ['"hunter21"', 'hunter22', 'hunter23', 'hunter24'],
    ],
    ['a BGP community is none', 'community: 65000:100', []],
    ['a preshared key of IPsec', '10.0.0.1 10.0.0.2 : PSK "hunter2"', ['"hunter2"']],
    [
      'passwords of routers',
      'enable secret 5 $1$mERr$hx5\nusername a password 7 0822\n password hunter2',
      ['$1$mERr$hx5', '0822', 'hunter2'],
    ],
    ['settings in XML', '<password>hunter2</password><add key="DbPassword" value="hunter3"/>', ['hunter2', 'hunter3']],
    ['netrc', 'machine m login u password hunter2', ['hunter2']],
    ['a value under its key, both numbered', '11   token:\n12     hunter2\n', ['hunter2']],
    ['a value under a number of its own', 'password:\n12\n13  hunter2\n', ['hunter2']],
    ['a numbered Secret', '1 kind: Secret\n2 data:\n3   a: aHVudGVy\n', ['aHVudGVy']],
    [
      'a numbered key',
      '7 -----BEGIN PRIVATE KEY-----\n8 TUlJRQ==\n9 -----END PRIVATE KEY-----\n',
      ['\n8 TUlJRQ==\n9 '],
    ],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nTUlJRQ==\n-----END RSA PRIVATE KEY-----\n', ['\nTUlJRQ==\n']],
    [
      'an encrypted key',
      '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nTUlJRQ==\n-----END',
      ['\nProc-Type: 4,ENCRYPTED\n\nTUlJRQ==\n'],
    ],
    ['a key cut off', '-----BEGIN PRIVATE KEY-----\nTUlJRQ==\nabc', ['\nTUlJRQ==\nabc']],
    [
      'a key in JSON',
      '{"k":"-----BEGIN EC PRIVATE KEY-----\\nTUlJ\\n-----END EC PRIVATE KEY-----\\n"}',
      ['\\nTUlJ\\n'],
    ],
    [
      'kubeconfig client data',
      '    client-certificate-data: LS0t\n    client-key-data: LS0tLS1C\n',
      ['LS0t', 'LS0tLS1C'],
    ],
    ['a kubeconfig token', 'users:\n- name: x\n  user:\n    token: abc.def\n', ['abc.def']],
    ['a kubeconfig password', 'user: {username: admin, password: hunter2}', ['hunter2']],
    [
      'a JWT',
      'x eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlIn0.c2lnbmF0dXJl y',
      ['eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlIn0.c2lnbmF0dXJl'],
    ],
    ['a bearer token', 'Bearer 31ada4fd-adec-460c-809a', ['31ada4fd-adec-460c-809a']],
    ['a header', 'Authorization: Basic YWRtaW46aHVudGVyMg==', ['Basic YWRtaW46aHVudGVyMg==']],
    [
      'a k3s token',
      'K10c3e2f0b6a5d4c3b2a19081726354435261708f9eadbc::server:5d4c3b2a',
      ['K10c3e2f0b6a5d4c3b2a19081726354435261708f9eadbc::server:5d4c3b2a'],
    ],
    ['a k3s token in the environment', 'K3S_TOKEN=mysecret K3S_URL=https://a', ['mysecret']],
    ['a flag', 'k3s agent --server https://10.0.0.1:6443 --token hunter2 --node-ip 10.0.0.2', ['hunter2']],
    [
      'kubeadm’s certificate key',
      'kubeadm join 10.0.0.1:6443 --control-plane --certificate-key f8902e11',
      ['f8902e11'],
    ],
    ['the same in its configuration', 'certificateKey: "f8902e11"\n', ['f8902e11']],
    ['a flag with =', '/usr/bin/etcd --password=hunter2 --x', ['hunter2']],
    ['a bootstrap token', 'kubeadm token list\nabcdef.0123456789abcdef   23h', ['abcdef.0123456789abcdef']],
    ['a password in a URL', 'https://admin:hunter2@registry.local/v2', ['hunter2']],
    [
      'AWS keys',
      'AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG',
      ['AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/K7MDENG'],
    ],
    ['a WireGuard key', 'PrivateKey = aGVsbG8=\n', ['aGVsbG8=']],
    ['a password of keepalived', 'auth_pass 1111\nauth_pass = 2222', ['1111', '2222']],
    ['a block scalar', 'token: |\n  abc\n  def\nnext: 1', ['\n  abc\n  def']],
    ['a quoted member in escaped JSON', '"{\\"token\\":\\"hunter2\\"}"', ['hunter2']],
    [
      'a Secret in YAML',
      'apiVersion: v1\ndata:\n  a: aHVudGVy\n  b: |\n    c2Vj\nkind: Secret\nmetadata:\n  name: x\n',
      ['aHVudGVy', 'c2Vj'],
    ],
    [
      'a Secret in a List',
      'items:\n- apiVersion: v1\n  data:\n    a: aHVudGVy\n  kind: Secret\n- apiVersion: v1\n  data:\n    mode: iptables\n  kind: ConfigMap\n',
      ['aHVudGVy'],
    ],
    ['a password with an escaped quote', 'password: "a\\"b"\n', ['a\\"b']],
    [
      'session keys of openssl s_client',
      '    Resumption PSK: E4F023D6\n    PSK identity: None\n    Master-Key: AB12\n',
      ['E4F023D6', 'AB12'],
    ],
    [
      'a key whose lines a logger prefixed',
      'x k3s[1]: -----BEGIN PRIVATE KEY-----\nx k3s[1]: TUlJ\nx k3s[1]: -----END PRIVATE KEY-----',
      ['\nx k3s[1]: TUlJ\nx k3s[1]: '],
    ],
    [
      'a key of which only the end was captured',
      'ok\nTUlJRQTUlJRQTUlJRQ==\nab==\n-----END PRIVATE KEY-----',
      ['TUlJRQTUlJRQTUlJRQ==\nab==\n'],
    ],
    [
      'a key once more in base64',
      'tls.key: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t\n',
      ['LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t'],
    ],
    [
      'the numbers of a key',
      'prime1:\n    00:d1:aa:\n    01\nprime2:\n    02:03\nx',
      ['\n    00:d1:aa:\n    01', '\n    02:03'],
    ],
    ['a value under its key', '    client-key-data:\n      LS0tLS1C\n    x: y', ['LS0tLS1C']],
    ['a value over two lines', '    client-key-data: LS0tLS1C\n      LS0tLS1D\n    x: y', ['LS0tLS1C\n      LS0tLS1D']],
    ['a wrapped value', `token: ${'A1'.repeat(40)}\n${'B2'.repeat(8)}\nend`, [`${'A1'.repeat(40)}\n${'B2'.repeat(8)}`]],
    [
      'a wrapped JWT',
      `eyJhbGci.eyJpc3Mi${'x1'.repeat(20)}\n${'y2'.repeat(10)}.c2ln\n`,
      [`eyJhbGci.eyJpc3Mi${'x1'.repeat(20)}\n${'y2'.repeat(10)}.c2ln`],
    ],
    ['an argument on the next line of a unit', "    '--token' \\\n\t'hunter2' \\\n", ['hunter2']],
    ['an argument as the next item', 'args:\n- --token\n- hunter2\n', ['hunter2']],
    ['an argument in JSON', '{"args":["--token","hunter2"]}', ['hunter2']],
    ['the short flag of k3s', 'k3s agent -t hunter2x', ['hunter2x']],
    ['a variable whose name comes last', 'env:\n- value: hunter2\n  name: DB_PASSWORD\n', ['hunter2']],
    ['a member whose name comes last', '{"env": [{"value": "hunter2", "name": "API_TOKEN"}]}', ['hunter2']],
    ['a sentence', 'Hi, my password is hunter2-x, and it does not work', ['hunter2-x']],
    ['a variable of a pod', 'env:\n- name: DB_PASSWORD\n  value: hunter2\n- name: A\n  value: b', ['hunter2']],
    ['a variable of a pod in JSON', '{"name":"DB_PASSWORD","value":"hunter2"}', ['hunter2']],
    ['variables', 'DB_PASS=a1\nAPI_KEY=a2\nSECRET_KEY_BASE=a3\n', ['a1', 'a2', 'a3']],
    ['a login of a registry', '{"auths":{"r":{"auth":"dXNlcjpodW50ZXIy"}}}', ['dXNlcjpodW50ZXIy']],
    ['a login of a registry in YAML', 'auth:\n  auth: dXNlcjpodW50ZXIy\n', ['dXNlcjpodW50ZXIy']],
    ['cookies', '> Cookie: sid=1; a=b\r\n< Set-Cookie: sid=2; Path=/\r\n', ['sid=1; a=b', 'sid=2; Path=/']],
    ['a login of curl', 'curl -sku admin:hunter2 https://10.0.0.1', ['hunter2']],
    ['a header with escaped blanks', 'curl -H Authorization:\\ Bearer\\ hunter2345 x', ['hunter2345']],
    ['a password with a slash in a URL', 'postgres://u:a/b@h:5432/db redis://:hunter2@h', ['a/b', 'hunter2']],
    ['a token in a URL', 'https://ghp0123456789abcdef0123@github.com/a', ['ghp0123456789abcdef0123']],
    ['what wg prints', '  private key: aGVs=\n  preshared key: (none)\n', ['aGVs=']],
    ['keys of IPsec', '\tenc cbc(aes) 0xcafecafecafecafecafe\n', ['cafecafecafecafecafe']],
    ['a line of shadow', 'root:$6$salt$hashhash:18000:', ['$6$salt$hashhash']],
    ['one value of a Secret', '$ kubectl get secret x -o jsonpath={.data.p}\naHVudGVy\n$ ls\n', ['aHVudGVy']],
    [
      'a list of Secrets',
      'kind: SecretList\nitems:\n- data:\n    a: aHVudGVy\n  metadata:\n    name: x\n',
      ['aHVudGVy'],
    ],
    [
      'a list of Secrets on one line',
      '{"kind":"SecretList","items":[{"data":{"a":"aHVu"},"metadata":{"name":"x"}}]}',
      ['"a":"aHVu"'],
    ],
    ['a Secret with braces in its values', '{"kind":"Secret","stringData":{"a":"x}","b":"y{"}}', ['"a":"x}","b":"y{"']],
    ['a Secret in JSON by tabs', '{\n\t"data": {\n\t\t"a": "aHVu"\n\t},\n\t"kind": "Secret"\n}', ['"aHVu"']],
    ['a value with an anchor or a tag', 'password: &p hunter2\npassword: !!str hunter3\n', ['hunter2', 'hunter3']],
    ['a quoted value over two lines', 'password: "a\n  b"\nnext: 1', ['a\n  b']],
    [
      'a Secret made of literals',
      'kubectl create secret generic x --from-literal=user=a1 --from-literal b=a2',
      ['a1', 'a2'],
    ],
    [
      'passwords of programs',
      'docker login -u me -p a1 r\nsshpass -p a2 ssh\nmysql -uroot -pa3 -h x\netcdctl --user root:a4 get /\npsk="a5"',
      ['a1', 'a2', 'a3', 'a4', 'a5'],
    ],
    ['a Secret with a flow map', 'kind: Secret\nstringData: {a: b}\n', ['a: b']],
    [
      'a Secret in JSON',
      '{\n    "kind": "Secret",\n    "data": {\n        "a": "aHVudGVy"\n    },\n    "metadata": {\n        "name": "x"\n    }\n}\n',
      ['"aHVudGVy"'],
    ],
    [
      'a Secret on one line',
      '{"items":[{"data":{"a":"aHVudGVy"},"kind":"Secret"},{"data":{"mode":"iptables"},"kind":"ConfigMap"}]}',
      ['"a":"aHVudGVy"'],
    ],
  ];
  it.each(table)('%s', (_name, text, expected) => {
    expect(secretsOf(text)).toEqual(expected);
  });
});

describe('what is none', () => {
  it.each([
    '-----BEGIN CERTIFICATE-----\nTUlJRQ==\n-----END CERTIFICATE-----',
    'certificate-authority-data: LS0tLS1CRUdJTg==',
    '-A KUBE-SERVICES -d 10.96.3.4/32 -p tcp -m comment --comment "default/my-secret:http cluster IP" -j KUBE-SVC-X',
    '-A KUBE-SEP-X -m comment --comment "vault/token:https" -j DNAT --to-destination 10.244.0.2:8200',
    'automountServiceAccountToken: true',
    'secret:\n  secretName: x',
    'tokenFile: /var/run/secrets/token',
    'volumes:\n- secret:\n    defaultMode: 420\n',
    '[sudo] password for root: ',
    'the token was wrong; the password too',
    'https://10.96.0.1:443/api?x=a@b',
    'kind: SecretList',
    'private key mismatch',
    '    Extended master secret: no',
    'volumes: {sources: [{serviceAccountToken: {path: token}}]}',
    '{"reordering":3,"fastopen_no_cookie":1}',
    'env:\n- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name: x\n',
    'token:\n  path: x\n',
    '-A X -m comment --comment "auth/oauth2-proxy:http" -j KUBE-SEP-K10AB',
    'auth: enabled',
    'docker run --user 1000:1000 x',
    'mysql -h x -p -P 3306',

    '  auth_type PASS',
    '        auth: {"mode": "x"}',
    'certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUI=',
    'default-token-x7k2p   kubernetes.io/service-account-token   3      1d',
    'kubectl get secret x -o yaml\nfoo\n',
    'Get "https://kubernetes@10.0.0.1/api": x509',
    '-A X -m comment --comment "cali:vjrMJCRpqwy5oRoX" -j MARK --set-xmark 0x0/0xe0000',
    'nat/K10 eyJ',
  ])('%j', (text) => {
    expect(secretsOf(text)).toEqual([]);
  });
});

describe('redaction', () => {
  it('keeps length and line breaks, and leaves nothing to find', () => {
    const piece = fc.constantFrom(
      'token: abc',
      'kind: Secret',
      'data:',
      '  a: YQ==',
      '-----BEGIN PRIVATE KEY-----',
      '-----END PRIVATE KEY-----',
      'TUlJRQ==',
      'eyJa.eyJb.c',
      'Bearer x1234567',
      '://a:b@c',
      '"kind":"Secret"',
      '"data":{"a":"b"}',
      '{',
      '}',
      '"',
      '\\',
      '|',
      'password=',
      '--token ',
      '\n',
      '\r\n',
      '\ud800',
      'K10',
      '- ',
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(piece, fc.string()), { maxLength: 40 }),
        fc.constantFrom('', '\n', ' '),
        (pieces, glue) => {
          const text = pieces.join(glue);
          const redacted = redactSecrets(text);
          expect(redacted.length).toBe(text.length);
          expect([...redacted.matchAll(/[\r\n]/g)].map((one) => one.index)).toEqual(
            [...text.matchAll(/[\r\n]/g)].map((one) => one.index),
          );
          for (const { start, end } of findSecrets(text)) expect(redacted.slice(start, end)).toMatch(/^[*\r\n]*$/);
        },
      ),
      { numRuns: 300 },
    );
  });
  it('takes linear time on hostile text', () => {
    const pieces = [
      'eyJ',
      'eyJ.',
      'token: ',
      'token="',
      '"kind":"Secret"',
      '{"kind":"Secret"',
      'kind: Secret\n',
      ' kind: Secret\n',
      'PRIVATE KEY-----',
      '-----BEGIN PRIVATE KEY-----',
      '://a:',
      'bearer ',
      'K10',
      'token\\',
      'token: |\n',
      'a.',
      'secret ',
      'LS0tLS1C',
      'LS0tLS1C\n',
      'prime1:',
      'prime1:\n00\n',
      'curl -u a:',
      'mysql ',
      '--user a:',
      '--from-literal a=',
      'password: "\n ',
      ':$6$a',
      'x get secret jsonpath\n',
      '-----END PRIVATE KEY-----',
      '\n-----END PRIVATE KEY-----',
      'name: password\n  value: ',
      '.eyJ',
      'eyJhbG.',
      'token:\n a',
      '"auth":"',
      '"kind":"Secret","data":{"',
      'kind: SecretList\n',
    ];
    expect(slowLines(pieces, 2500, findSecrets)).toEqual([]);
  });
});

it.each(['YWRtaW46cMOkc3N3w7ZydA==', 'opaque-hunter2'])(
  'the auth of a registry is one whatever it decodes to: %s',
  (value) => {
    expect(secretsOf(`{"auths":{"reg.example":{"auth":"${value}","email":"a@b.c"}}}\n`)).toEqual([value]);
    expect(secretsOf(`{"peers":{"auth":"${value}"}}\n`)).toEqual([]);
  },
);

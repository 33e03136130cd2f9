/** Worlds that show the fault, and worlds that look like it. */
import { parseSnapshot } from '@coldtrace/parsers';
import type { BuiltinCases } from '../testing/builtin-cases.js';
import { nodeTable, objects, otherNode, rules, slices, world } from './cases.world.js';

const both = [7, 8];
const three = [7, 8, 9];
const api = [22, 6443];
const closed = [22];
const dropping =
  '*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n';
const selfish =
  '*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n';
const diverted =
  '*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 6443 -j REDIRECT --to-ports 16443\nCOMMIT\n';
const nodes = (second: string) => ({
  'api/nodes.txt': nodeTable({ 'api-7': ['Ready', '172.31.9.7'], 'api-8': [second, '172.31.9.8'] }),
});
const refused =
  'E1120 22:09:58.100000       1 reflector.go:127] Failed to list *v1.Service: Get "https://172.31.9.8:6443/api/v1/services": dial tcp 172.31.9.8:6443: connect: connection refused\n';
const tried = '$ curl -k https://172.31.9.8:6443/healthz\nok\n';

/** Rules for 172.31.9.8 alone, and what the API lists. */
const listing = (endpoints: string) =>
  `[root@w1 ~]# iptables-save | grep kubernetes:https
-A KUBE-SEP-AAAABBBBCCCCDDDD -p tcp -m comment --comment "default/kubernetes:https" -m tcp -j DNAT --to-destination 172.31.9.8:6443
-A KUBE-SERVICES -d 10.0.0.1/32 -p tcp -m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y
-A KUBE-SVC-NPX46M4PTMTKRN6Y -m comment --comment "default/kubernetes:https" -j KUBE-SEP-AAAABBBBCCCCDDDD
[root@w1 ~]# kubectl get endpoints kubernetes
NAME         ENDPOINTS         AGE
kubernetes   ${endpoints}   40d
`;

export const cases: BuiltinCases = {
  bad: [
    { name: 'nothing listens at one of two', snapshot: world({ endpoints: both, servers: { 7: api, 8: closed } }) },
    {
      name: 'nothing listens at the first of three',
      snapshot: world({ endpoints: three, servers: { 7: closed, 8: api, 9: api } }),
    },
    {
      name: 'its server is bound to the loopback address alone',
      snapshot: world({
        endpoints: both,
        servers: { 7: api, 8: closed },
        more: {
          'api-8/ss.txt':
            'Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess\ntcp   LISTEN 0      4096       127.0.0.1:6443       0.0.0.0:*\ntcp   LISTEN 0      128          0.0.0.0:22         0.0.0.0:*\n',
        },
      }),
    },
    {
      name: 'two of three are dead in different ways',
      snapshot: world({ endpoints: three, servers: { 7: api, 8: closed, 9: api }, filters: { 9: dropping } }),
    },
    {
      name: 'IPVS shares alike',
      snapshot: world({ endpoints: three, servers: { 7: api, 8: api, 9: closed }, by: 'ipvs' }),
    },
    {
      name: 'one node of two still sends to it',
      snapshot: world({ endpoints: both, servers: { 7: api, 8: closed }, more: otherNode('a-first', [7]) }),
    },
    {
      name: 'two nodes send to it',
      snapshot: world({ endpoints: both, servers: { 7: api, 8: closed }, more: otherNode('zeta', both) }),
    },
    {
      name: 'nodes are named by their addresses, and a short table says that one is not ready',
      snapshot: parseSnapshot({
        'ticket.txt':
          '$ kubectl get nodes\nNAME           STATUS     ROLES     AGE       VERSION\n172.31.9.7     Ready      <none>    20d       v1.8.2\n172.31.9.8     NotReady   <none>    20d       v1.8.2\n\n$ kubectl get endpoints kubernetes\nNAME         ENDPOINTS                         AGE\nkubernetes   172.31.9.7:6443,172.31.9.8:6443   20d\n',
      }),
    },
    {
      name: 'the API lists another API server than the rules have',
      snapshot: parseSnapshot({ 'ticket.txt': listing('172.31.9.7:6443') }),
    },
    { name: 'the same with IPv6', snapshot: world({ endpoints: both, servers: { 7: closed, 8: api }, family: 6 }) },
    { name: 'the only endpoint is dead', snapshot: world({ endpoints: [8], servers: { 8: closed } }) },
    {
      name: 'its node drops the connections',
      snapshot: world({ endpoints: both, servers: { 7: api, 8: api }, filters: { 8: dropping } }),
    },
    {
      name: 'its node rejects the connections',
      snapshot: world({
        endpoints: both,
        servers: { 7: api, 8: api },
        filters: {
          8: dropping
            .replace('INPUT DROP', 'INPUT ACCEPT')
            .replace(/COMMIT\n$/, '-A INPUT -p tcp -j REJECT --reject-with tcp-reset\nCOMMIT\n'),
        },
      }),
    },
    {
      name: 'its node, the first of all, lets only itself in',
      snapshot: world({
        endpoints: both,
        servers: { 7: api, 8: api },
        filters: { 7: rules({ endpoints: both, servers: {} }, selfish) },
      }),
    },
    {
      name: 'its node is gone and nobody answers for the address',
      snapshot: world({ endpoints: both, servers: { 7: api }, failed: [8] }),
    },
    {
      name: 'tables of the API alone',
      snapshot: parseSnapshot({
        'ticket.txt':
          '$ kubectl get nodes -o wide\nNAME    STATUS     ROLES    AGE   VERSION    INTERNAL-IP   EXTERNAL-IP   OS-IMAGE   KERNEL-VERSION   CONTAINER-RUNTIME\napi-1   Ready      master   1y    v1.9.11    10.20.0.1     <none>        Ubuntu     4.4.0-210        docker://17.3.2\napi-2   NotReady   master   1y    v1.9.11    10.20.0.2     <none>        Ubuntu     4.4.0-210        docker://17.3.2\n$ kubectl get endpoints kubernetes\nNAME         ENDPOINTS                       AGE\nkubernetes   10.20.0.1:6443,10.20.0.2:6443   1y\n',
      }),
    },
    {
      name: 'its node is not ready and was not captured',
      snapshot: world({ endpoints: both, servers: { 7: api }, more: nodes('NotReady') }),
    },
    {
      name: 'a log tells of refusals',
      snapshot: world({ endpoints: both, servers: { 7: api }, more: { 'web-1/kube-proxy.log': refused } }),
    },
    {
      name: 'the rules were not captured and the API tells the endpoints',
      snapshot: world({
        endpoints: both,
        servers: { 7: api, 8: closed },
        by: 'nobody',
        more: { 'api/objects.yaml': objects(['172.31.9.7', '172.31.9.8']) },
      }),
    },
    {
      name: 'the API keeps the endpoint',
      snapshot: world({
        endpoints: both,
        servers: { 7: api, 8: closed },
        more: { 'api/objects.yaml': objects(['172.31.9.7', '172.31.9.8']) },
      }),
    },
    {
      name: 'EndpointSlices alone keep the endpoint',
      snapshot: world({
        endpoints: both,
        servers: { 7: api, 8: closed },
        more: { 'api/objects.yaml': slices(['172.31.9.7', '172.31.9.8']) },
      }),
    },
    {
      name: 'Endpoints and EndpointSlices keep the endpoint',
      snapshot: world({
        endpoints: both,
        servers: { 7: api, 8: closed },
        more: {
          'api/objects.yaml': objects(['172.31.9.7', '172.31.9.8']),
          'api/slices.yaml': slices(['172.31.9.7', '172.31.9.8']),
        },
      }),
    },
  ],
  good: [
    {
      name: 'the API lists the API server that the rules have, and another one',
      snapshot: parseSnapshot({ 'ticket.txt': listing('172.31.9.7:6443,172.31.9.8:6443') }),
    },
    {
      name: 'the list of API servers is cut',
      snapshot: parseSnapshot({ 'ticket.txt': listing('172.31.9.5:6443,172.31.9.6:6443,172.31.9.7:6443 + 2 more...') }),
    },
    { name: 'both listen', snapshot: world({ endpoints: both, servers: { 7: api, 8: api } }) },
    {
      name: 'both listen and one node is not ready',
      snapshot: world({ endpoints: both, servers: { 7: api, 8: api }, more: nodes('NotReady') }),
    },
    {
      name: 'its node hands the port on to another',
      snapshot: world({ endpoints: both, servers: { 7: api, 8: [16443] }, filters: { 8: diverted } }),
    },
    { name: 'neither was captured', snapshot: world({ endpoints: both, servers: {} }) },
    {
      name: 'a client was answered there',
      snapshot: world({
        endpoints: both,
        servers: { 7: api },
        more: { ...nodes('NotReady'), 'web-1/shell.txt': tried },
      }),
    },
    {
      name: 'a dead host that is no endpoint any more',
      snapshot: world({ endpoints: [7], servers: { 7: api, 8: closed }, failed: [8] }),
    },
    {
      name: 'the sockets of one were not captured',
      snapshot: world({ endpoints: both, servers: { 7: api, 8: null } }),
      needs: ['ss'],
    },
  ],
};

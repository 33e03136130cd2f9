/** Lines that lead over to the outputs of one machine, as people write them in tickets: `node B:`, `En el nodo 2 (que funciona):`, `节点2：`, `## worker-3`. */

/** What people call a machine, in the languages that tickets are written in. */
const generic =
  'node|host|hosts|server|machine|box|vm|knoten|rechner|maschine|nodo|servidor|máquina|equipo|nœud|noeud|serveur|hôte|nó|macchina|узел|узле|узла|нода|ноде|ноды|хост|хосте|сервер|сервере|węzeł|węźle|węzła|serwer|uzel|uzlu|düğüm|sunucu|节点|節點|主机|主機|机器|機器|服务器|伺服器|ノード|ホスト|サーバー?|노드|호스트|서버';
/** What they call it by its part in the cluster; the word stays in the name. */
const role = 'master|worker|control-plane|controlplane|agent|gateway|minion|edge';

/** `worker-3`, `10.0.0.7`, `k8s-node-b`, `B`, `2`: a name, or what tells one machine from another. */
const token = '([A-Za-z0-9][\\w.-]{0,80})';
const behind = new RegExp(
  `(?:^|[^\\p{L}\\p{N}_.-]|(?<=[\\u3040-\\u9fff\\uac00-\\ud7af]))(${generic}|${role})[ _:：]{0,2}(?:(?:nr\\.?|no\\.|#|№|n[°º]|número|numéro|nummer|number) ?)?[«"'\`*]{0,2}${token}`,
  'giu',
);
const before = new RegExp(`([A-Za-z][\\w.-]{2,80})[»"'\`*]{0,2} ?(?:${generic})(?![A-Za-z0-9_-])`, 'giu');
/** A name that only machines have, alone on its line. */
const alone =
  /^(?:on |auf |en |sur |su |na |op |på |在|from |von |de )?[«"'`*]{0,2}((?:node|knoten|nodo|master|worker|control-plane|controlplane|agent|k8s|kube|k3s|rke2?|server|srv|host|vm|ip)[\w.-]{0,60}\d[\w.-]{0,40}|(?:node|master|worker|host|server|vm)[-_]?[A-Za-z])[»"'`*]{0,2}(?:上|の|で|에서)?$/i;

const longest = 120;

/** The heading of one machine; `node` is null when it leads over to several, or to none in particular. */
export interface Heading {
  readonly node: string | null;
}

/** Reads such a line; null for any other. Markdown's own headings need no colon. */
export function readHeading(line: string): Heading | null {
  if (line.length > longest || /^\s+[^\s#*_•\d-]/.test(line)) return null;
  const marked = /^\s{0,3}(?:#{1,6} +|\*\*|__|[-*•] +|\d{1,2}[.)] +)/.exec(line)?.[0] ?? '';
  const text = line.slice(marked.length).replace(/[\s*_]+$/, '');
  const titled = marked.trimStart().startsWith('#') || (marked.endsWith('**') && line.trimEnd().endsWith('**'));
  const colon = /[:：]$/.test(text);
  if (!colon && !titled) return null;
  const body = text.replace(/\s*[:：]$/, '');
  const single = alone.exec(body)?.[1];
  if (single !== undefined) return { node: single };
  // What leads over is the last sentence.
  const sentence = body.split(/[.!?;] |[。！？；]/).at(-1) ?? '';
  const names = new Set([...namesBehind(sentence), ...namesBefore(sentence)]);
  const [name] = names;
  if (name === undefined) return null;
  return { node: names.size === 1 ? name : null };
}

function namesBehind(text: string): readonly string[] {
  return [...text.matchAll(behind)].flatMap(([, word = '', name = '']) => {
    const tidy = name.replace(/[.-]+$/, '');
    if (isShort(tidy)) return [`${isRole(word) ? word.toLowerCase() : 'node'}-${tidy.toLowerCase()}`];
    return isName(tidy) ? [tidy] : [];
  });
}

/** `master 节点上`, `worker-2 node`. */
function namesBefore(text: string): readonly string[] {
  return [...text.matchAll(before)].flatMap(([, name = '']) =>
    isName(name) || (isRole(name) && /[\u3040-\u9fff\uac00-\ud7af]/.test(text)) ? [name.toLowerCase()] : [],
  );
}

function isRole(word: string): boolean {
  return new RegExp(`^(?:${role})$`, 'i').test(word);
}

function isShort(name: string): boolean {
  return /^(?:\d{1,3}|[A-Z]|[ivx]{2,4}|[IVX]{2,4})$/.test(name);
}

/** Letters and a digit, or two parts: no common word looks so. A version does, and a word of two parts that everybody uses. */
function isName(name: string): boolean {
  if (/^v?\d+(?:\.\d+){0,2}$|^(?:ip|ipv|http|tcp|udp|layer|L)[\d.]+$/i.test(name)) return false;
  return /\d/.test(name) || /^[a-z]+\.[a-z.]+[a-z]$|^(?:node|master|worker|host|server|k8s|kube|vm)-[a-z]/i.test(name);
}

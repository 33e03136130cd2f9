/** Messages of commands that did not deliver, as shells, libc (strerror(3)), netlink tools and kubectl word them. */

const endings: readonly string[] = [
  'command not found',
  'command not found...',
  'not found',
  'no such file or directory',
  'permission denied',
  'operation not permitted',
  'operation not supported',
  'protocol not supported',
  'cannot execute binary file',
  'cannot execute binary file: exec format error',
  'is a directory',
  'must be root',
  'you must be root',
  'you must be root)',
  'do you need to insmod?)',
  'operation not permitted)',
  'you need to be root',
  'timed out',
  // The same in the languages that machines are set to (po files of bash and glibc).
  '未找到命令',
  '找不到命令',
  '权限不够',
  '没有那个文件或目录',
  '不允许的操作',
  'kommando nicht gefunden',
  'keine berechtigung',
  'datei oder verzeichnis nicht gefunden',
  'die operation ist nicht erlaubt',
  'commande introuvable',
  'permission non accordée',
  'aucun fichier ou dossier de ce type',
  'opération non permise',
  'コマンドが見つかりません',
  '許可がありません',
  'そのようなファイルやディレクトリはありません',
  '許可されていない操作です',
  '命令找不到',
  '指令找不到',
  '拒絕不符權限的操作',
  '此項操作並不被允許',
  '沒有此一檔案或目錄',
  'orden no encontrada',
  'no se encontró la orden',
  'permiso denegado',
  'operación no permitida',
  'no existe el archivo o el directorio',
  'no existe el fichero o el directorio',
  'comando não encontrado',
  'permissão negada',
  'operação não permitida',
  'arquivo ou diretório inexistente',
  'ficheiro ou directoria inexistente',
  'comando non trovato',
  'permesso negato',
  'operazione non permessa',
  'file o directory non esistente',
  'команда не найдена',
  'отказано в доступе',
  'операция не позволена',
  'нет такого файла или каталога',
  'nie znaleziono polecenia',
  'brak dostępu',
  'operacja niedozwolona',
  'nie ma takiego pliku ani katalogu',
  'opdracht niet gevonden',
  'toegang geweigerd',
  'bestand of map bestaat niet',
  'komut bulunamadı',
  'erişim engellendi',
  'příkaz nenalezen',
  'operace zamítnuta',
  'adresář nebo soubor neexistuje',
  '명령을 찾을 수 없음',
  '명령어를 찾을 수 없음',
  '허가 거부',
  '명령을 허용하지 않음',
  '그런 파일이나 디렉터리가 없습니다',
];

const beginnings: readonly string[] = [
  'operation not permitted (you must be root)',
  'perhaps iptables or your kernel needs to be upgraded',
  'perhaps ip6tables or your kernel needs to be upgraded',
  'are you sure that ip virtual server is built in the kernel',
  'try `iptables',
  'try `ip6tables',
  'try `conntrack',
  "see 'kubectl ",
  'error: the server ',
  'error: unknown ',
  'error: you must be logged in to the server',
  'rtnetlink answers:',
  'cannot open netlink socket',
  "can't initialize",
  'cannot initialize',
  'sudo: ',
  'zsh: command not found: ',
  'command terminated with exit code ',
  'error: internal error occurred: ',
  'exec: "',
  'fata[',
  'error response from daemon:',
  'got permission denied while trying to connect',
  'oci runtime exec failed',
  'error from server',
  'timeout: failed to run command',
  'the connection to the server ',
  'cannot connect to the docker daemon',
  'could not open file or uri for loading ',
  'could not read certificate from ',
  'unable to load certificate',
  'system has not been booted with systemd',
  'failed to connect to bus:',
];

/** All beginnings are ASCII: this bit makes their letters lower case. */
const firstUnits: ReadonlySet<number> = new Set(beginnings.map((one) => one.charCodeAt(0) | 32));
/** Endings by their last character. */
const endingsBy: ReadonlyMap<number, readonly string[]> = new Map(
  endings.map((one) => {
    const last = one.charCodeAt(one.length - 1);
    return [last, endings.filter((other) => other.charCodeAt(other.length - 1) === last)];
  }),
);

/** openssl 1 and 3: what it could not open, and its stack of errors. */
const openssl = /^(?:can't open \S{1,300} for reading, |[0-9A-F]{8,16}:error:[0-9A-F]{8}:)/i;

/** Tools of netfilter put their version before what went wrong. */
const versioned = /^(?:ip6?tables|ebtables|arptables)[\w-]{0,20} v\d[\w.]{0,20} ?(?:\(\w{1,20}\))?: \S/;

/**
 * The message when a line says that a command failed (`bash: ipset: command not found`), else null. What ends so must have a
 * `who:` before it, so that prose is not taken for a failure.
 */
export function failureMessage(line: string): string | null {
  if (line.length > 1000) return null;
  const text = line.trim();
  // Asked of every line that nothing claims: one character decides nearly always.
  if (text === '') return null;
  const mayBegin = firstUnits.has(text.charCodeAt(0) | 32);
  const lower = text.toLowerCase();
  if (mayBegin && beginnings.some((beginning) => lower.startsWith(beginning))) return text;
  if (openssl.test(text) || versioned.test(text)) return text;
  const bare = lower.endsWith('.') && !lower.endsWith('...') ? lower.slice(0, -1) : lower;
  const ends = endingsBy.get(bare.charCodeAt(bare.length - 1))?.find((ending) => bare.endsWith(ending));
  if (ends === undefined) return null;
  const before = bare.slice(0, bare.length - ends.length).trimEnd();
  return /^\S+:/.test(before) || before.endsWith(':') ? text : null;
}

/** How an attempt ended, from the words of a tool's message: strerror(3) as glibc and its translations word it, and the tools' own. */
import type { SeenAttempt } from '@coldtrace/core';

export type Outcome = SeenAttempt['outcome'];

/** In lower case. Translations are those of the libc of Chinese, German, French, Spanish, Japanese, Russian and Portuguese systems. */
const phrases: readonly (readonly [Outcome, readonly string[]])[] = [
  [
    'timeout',
    [
      'timed out',
      'i/o timeout',
      'timeout was reached',
      'deadline exceeded',
      '连接超时',
      '操作超时',
      '連線逾時',
      'wartezeit für die verbindung ist abgelaufen',
      'expiration du délai',
      'expiró el tiempo',
      'タイムアウト',
      'время ожидания',
      'tempo esgotado',
    ],
  ],
  [
    'refused',
    [
      'refused',
      '拒绝连接',
      '连接被拒绝',
      '連線被拒絕',
      '拒絕連線',
      'verbindungsaufbau abgelehnt',
      'connexion refusée',
      'conexión rehusada',
      'conexión rechazada',
      '接続を拒否',
      'в соединении отказано',
      'conexão recusada',
    ],
  ],
  [
    'reset',
    [
      'reset by peer',
      '连接被对方重设',
      '连接被对端重置',
      '連線被對方重設',
      'kommunikationspartner zurückgesetzt',
      'par le correspondant',
    ],
  ],
  [
    'unreachable',
    [
      'unreachable',
      'no route to host',
      // What ping says of an ICMP error that a packet filter sent.
      'destination host prohibited',
      'destination net prohibited',
      'packet filtered',
      'administratively prohibited',
      '没有到主机的路由',
      '網路無法到達',
      '网络不可达',
      'keine route zum zielrechner',
      'netzwerk ist nicht erreichbar',
      'aucun chemin d',
      'réseau n',
      'ninguna ruta',
      'ホストへの経路',
      'нет маршрута',
      'сеть недоступна',
    ],
  ],
  [
    'name-error',
    [
      'could not resolve',
      'unable to resolve',
      'name or service not known',
      'name resolution',
      'bad address',
      'no such host',
      'unknown host',
      '未知的名称或服务',
      '无法解析',
      'name oder der dienst ist nicht bekannt',
    ],
  ],
  ['tls-error', ['x509:', 'certificate', 'ssl', 'tls']],
];

/** The outcome that a tool's message words; `unknown` when none of the known phrases stands in it. */
export function outcomeOf(message: string): Outcome {
  const text = message.slice(0, 2000).toLowerCase();
  return phrases.find(([, words]) => words.some((phrase) => text.includes(phrase)))?.[0] ?? 'unknown';
}

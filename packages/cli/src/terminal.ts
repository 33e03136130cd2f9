/** Where output goes and how it may look: results on stdout, messages on stderr, colour only where it is wanted. https://no-color.org */
import { styleText } from 'node:util';
import { noPaint, type Paint } from '@coldtrace/core';
import { UsageError } from './exit-status.js';
import { type Progress, progressOn } from './progress.js';

export interface Terminal {
  readonly paint: Paint;
  readonly columns: number;
  readonly out: (text: string) => void;
  /** As `out`, and waits until whoever reads can take more. */
  readonly flow: (text: string) => Promise<void>;
  readonly err: (text: string) => void;
  readonly quiet: boolean;
  readonly progress: Progress;
  /** Results are looked at, rather than kept or piped. */
  readonly interactive: boolean;
  readonly stdin: AsyncIterable<Uint8Array | string>;
}

interface Output {
  write(text: string): unknown;
  once?(event: 'drain', listener: () => void): unknown;
  readonly columns?: number;
  readonly isTTY?: boolean;
}

/** What a command needs of its process. */
export interface Streams {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function openTerminal(streams: Streams, color: string, quiet: boolean): Terminal {
  const { stdout, stderr } = streams;
  const progress = progressOn(stderr, streams.env['TERM'], quiet);
  return {
    paint: wantsColor(color, streams) ? colours() : noPaint,
    columns: Math.min(Math.max(stdout.columns ?? 80, 40), 120),
    out: (text) => {
      progress.show(null);
      stdout.write(text);
    },
    flow: (text) => flow(stdout, text),
    err: (text) => {
      progress.show(null);
      stderr.write(text);
    },
    quiet,
    progress,
    interactive: stdout.isTTY === true,
    stdin: streams.stdin,
  };
}

function wantsColor(color: string, { stdout, env }: Streams): boolean {
  switch (color) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'auto':
      return stdout.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
    default:
      throw new UsageError(`--color takes auto, always or never, not "${color}"`);
  }
}

type Style = Parameters<typeof styleText>[0];

function colours(): Paint {
  const style = (format: Style) => (text: string) => styleText(format, text, { validateStream: false });
  return {
    bold: style('bold'),
    dim: style('dim'),
    red: style('red'),
    yellow: style('yellow'),
    blue: style('blue'),
    green: style('green'),
  };
}

/** A stream whose buffer is full says so by `false`, and `drain` later. */
async function flow(output: Output, text: string): Promise<void> {
  if (output.write(text) !== false || output.once === undefined) return;
  await new Promise<void>((resolve) => output.once?.('drain', resolve));
}

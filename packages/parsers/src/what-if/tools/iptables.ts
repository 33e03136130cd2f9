/** `iptables …` and `ip6tables …` typed in a shell. iptables(8). */
import { done } from '@coldtrace/core';
import type { Words } from '../../iptables/words.js';
import { badWords, next, type Tool } from '../call.js';
import type { ShellWord } from '../shell/syntax.js';
import { chooseRuleset, withRuleset } from './choose-ruleset.js';
import { runIptables } from './iptables-command.js';
import { type IptablesCommand, readIptablesCommand } from './iptables-words.js';

export const iptables: Tool = (ns, call) => {
  if (/^(?:-[hV]|--help|--version)$/.test(call.args[0]?.text ?? '')) return done(ns);
  const command = readIptablesCommand(wordsFor(call.args));
  if (command.kind === 'fault') return command;
  const wrong = ofOtherFamily(command, call.tool);
  if (wrong) return badWords(`${call.tool} cannot be used with -${command.family ?? ''}`, call.args[0] ?? null);
  return next(chooseRuleset(ns, call), ({ at, ruleset }) => {
    const place = { file: call.file, span: call.span, ipsets: ns.ipsets };
    const changed = runIptables(ruleset, command, command.table ?? 'filter', place);
    return next(changed, (value) => done(isQuestion(command.verb) ? ns : withRuleset(ns, at, value)));
  });
};

/** `-4` and `-6` only say what the tool's name says. */
export function ofOtherFamily({ family }: Pick<IptablesCommand, 'family'>, tool: string): boolean {
  return family !== null && family !== (tool.startsWith('ip6') ? 6 : 4);
}

/** Lists and checks change nothing, though the kernel makes the table that they ask about. */
function isQuestion(verb: string): boolean {
  return verb === '-S' || verb === '-L' || verb === '-C';
}

function wordsFor(args: readonly ShellWord[]): Words {
  return {
    text: args.map((word) => word.text),
    start: args.map((word) => word.start),
    end: args.map((word) => word.end),
  };
}

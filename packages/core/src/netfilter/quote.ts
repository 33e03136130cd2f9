/** Quoting of iptables-save and iptables-restore. iptables: libxtables/xtables.c `xtables_save_string`, iptables/xshared.c `add_param_to_argv`. */

const plain = /^[A-Za-z0-9_-]+$/;

/** A string as iptables-save prints it: bare when it is made of letters, digits, `_` and `-`, quoted otherwise. */
export function quote(text: string): string {
  return plain.test(text) ? text : `"${text.replace(/["\\']/g, '\\$&')}"`;
}

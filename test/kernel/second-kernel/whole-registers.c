/*
 * Laid between user-mode-linux and ptrace(2), by LD_PRELOAD. Linux 6.1 sets the vector registers of its processes from a buffer that ends before those of AMX,
 * and a host that has them refuses what is not whole (arch/x86/kernel/fpu/regset.c xstateregs_set): the rest is taken from what the process has.
 */
#define PTRACE_GETREGSET 0x4204
#define PTRACE_SETREGSET 0x4205
#define NT_X86_XSTATE 0x202
#define RTLD_NEXT ((void *)-1L)

struct iovec {
  void *base;
  unsigned long len;
};

void *dlsym(void *handle, const char *symbol);

static unsigned char whole[1 << 16];

long ptrace(int request, int pid, void *addr, void *data) {
  long (*next)(int, int, void *, void *) = dlsym(RTLD_NEXT, "ptrace");
  if (request != PTRACE_SETREGSET || (long)addr != NT_X86_XSTATE) return next(request, pid, addr, data);
  struct iovec *part = data;
  struct iovec all = {whole, sizeof whole};
  if (next(PTRACE_GETREGSET, pid, addr, &all) < 0) return -1;
  __builtin_memcpy(whole, part->base, part->len < all.len ? part->len : all.len);
  return next(PTRACE_SETREGSET, pid, addr, &all);
}

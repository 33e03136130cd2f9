"""serve.py ADDRESS:PORT... [--tls CERT KEY ADDRESS:PORT]: accept; over TLS, answer as an apiserver answers a stranger."""
import socket, ssl, sys, threading

BODY = (b'{\n  "kind": "Status",\n  "apiVersion": "v1",\n  "metadata": {},\n  "status": "Failure",\n'
        b'  "message": "Unauthorized",\n  "reason": "Unauthorized",\n  "code": 401\n}')
HEAD = b"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)

def listen(where):
    host, port = where.rsplit(":", 1)
    s = socket.socket(socket.AF_INET6 if host == "*" else socket.AF_INET)
    if host == "*":
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("::" if host == "*" else host, int(port)))
    s.listen(128)
    return s

def serve(s, tls):
    while True:
        c, _ = s.accept()
        try:
            c.settimeout(5)
            if tls:
                c = tls.wrap_socket(c, server_side=True)
                c.recv(4096)
                c.sendall(HEAD + BODY)
            c.close()
        except OSError:
            pass

args, tls = sys.argv[1:], None
if "--tls" in args:
    at = args.index("--tls")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(args[at + 1], args[at + 2])
    threading.Thread(target=serve, args=(listen(args[at + 3]), tls), daemon=True).start()
    args = args[:at]
for a in args:
    threading.Thread(target=serve, args=(listen(a), None), daemon=True).start()
threading.Event().wait()

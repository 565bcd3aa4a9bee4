# Ports of a test's own, for common.bash and bench.bash.

# free_ports [N] : the first of N ports in a row (1) that nobody has on 127.0.0.1
# and ::1.  They are below those that the kernel gives to whoever connects
# (ip_local_port_range), which other tests do all the time, and begin anywhere,
# since other tests ask for some at the same time.
free_ports() {
	/usr/bin/python3 - "${1:-1}" <<-'PY'
		import random, socket, sys
		n = int(sys.argv[1])

		def free(first):
		    held = []
		    try:
		        for port in range(first, first + n):
		            for address, family in (("127.0.0.1", socket.AF_INET),
		                                    ("::1", socket.AF_INET6)):
		                held.append(socket.socket(family))
		                held[-1].bind((address, port))
		    except OSError:
		        return False
		    finally:
		        for s in held:
		            s.close()
		    return True

		while True:
		    first = random.randrange(10000, 32768 - n)
		    if free(first):
		        print(first)
		        break
	PY
}

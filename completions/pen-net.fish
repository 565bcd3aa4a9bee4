# pen-net(1): written by completions/generate from src/pen-net/opts.def

function __pen_now
    set -l state $HOME/.local/state
    set -q XDG_STATE_HOME; and set state $XDG_STATE_HOME
    switch $argv[1]
        case agents profiles
            command pen --list $argv[1] 2>/dev/null
        case rules
            command pen --list groups 2>/dev/null
        case sessions
            command pen-ctl ls 2>/dev/null | command sed '1d; s/ .*//'
        case logs
            command pen-log --list 2>/dev/null | command sed '1d; s/ .*//'
    end
    switch $argv[1]
        case rules refused
            command find $state/pen/log -name '*.jsonl' -mtime -2 -exec sed -nE 's|.*"allow":"([A-Za-z0-9.*:/_-]+)".*|\1|p' '{}' + 2>/dev/null | command sort -u
    end
end

# __pen_net_at WHERE: is the cursor among the options and their first
# arguments, on the second argument of one, or on the command line that follows? "command" also prints that line.
function __pen_net_at
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        set -l n 1
        switch $words[1]
            case --
                set -e words[1]
                break
            case --publish --reach --proxy
                set n 2
            case --join
                set n 3
            case '-*'
            case '*'
                break
        end
        if test $n -gt (count $words)
            # on its first argument fish knows what to offer
            test $argv[1] = (test (count $words) -eq 1; and echo options; or echo argument)
            return
        end
        set words $words[(math $n + 1)..-1]
    end
    set -q words[1]
    or begin
        test $argv[1] = options
        return
    end
    test $argv[1] = command
    and string join ' ' -- (string escape -- $words) (commandline -ct)
end

complete -c pen-net -f
complete -c pen-net -n '__pen_net_at argument' -F
complete -c pen-net -n '__pen_net_at command >/dev/null' -x -a '(complete -C (__pen_net_at command))'
complete -c pen-net -n '__pen_net_at options' -x -a '(__fish_complete_command)'
complete -c pen-net -n '__pen_net_at options' -l publish -d 'make PORT inside reachable as HOSTPORT on the host\'s loopback' -x
complete -c pen-net -n '__pen_net_at options' -l reach -d 'make PORT of the host\'s loopback reachable inside' -x
complete -c pen-net -n '__pen_net_at options' -l proxy -d 'carry port 443 to a proxy on the host\'s loopback, which decides by name' -x
complete -c pen-net -n '__pen_net_at options' -l open -d 'reach every public address by pasta, and nothing else'
complete -c pen-net -n '__pen_net_at options' -l offline -d 'loopback only: no names, no sockets for pen-sni'
complete -c pen-net -n '__pen_net_at options' -l join -d 'carry ports of the pen that PIDFD is of, until OWNER ends; run no program' -x
complete -c pen-net -n '__pen_net_at options' -l print-rules -d 'print the packet filter\'s rules and end'
complete -c pen-net -n '__pen_net_at options' -l help -d 'print a summary of the options and end'
complete -c pen-net -n '__pen_net_at options' -l version -d 'print the version and end'

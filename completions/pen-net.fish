# pen-net(1): written by completions/generate from src/pen-net/opts.def

# __pen_net_at WHERE: is the cursor among the options, on the second argument
# of one, or on the command line that follows? "command" also prints that line.
function __pen_net_at
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        set -l n 1
        switch $words[1]
            case --
                set -e words[1]
                break
            case --publish --reach
                set n 2

            case '-*'
            case '*'
                break
        end
        if test $n -gt (count $words)
            test $argv[1] = argument
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
complete -c pen-net -n '__pen_net_at options' -l offline -d 'loopback only: no names, no sockets for pen-sni'
complete -c pen-net -n '__pen_net_at options' -l print-rules -d 'print the packet filter\'s rules and end'
complete -c pen-net -n '__pen_net_at options' -l help -d 'print a summary of the options and end'
complete -c pen-net -n '__pen_net_at options' -l version -d 'print the version and end'

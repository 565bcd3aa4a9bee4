# pen-sni(1): written by completions/generate from src/pen-sni/opts.def

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

# __pen_sni_at WHERE: is the cursor among the options and their first
# arguments, on the second argument of one, or on the command line that follows? "command" also prints that line.
function __pen_sni_at
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        set -l n 1
        switch $words[1]
            case --
                set -e words[1]
                break
            case --allow --allow-only --private --deny --quiet --limit --connect-to --log --agent --project --publish --reach --dns-server --upstream-proxy --serve --listen
                set n 2
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

complete -c pen-sni -f
complete -c pen-sni -n '__pen_sni_at argument' -F
complete -c pen-sni -n '__pen_sni_at command >/dev/null' -x -a '(complete -C (__pen_sni_at command))'
complete -c pen-sni -n '__pen_sni_at options' -x -a '(__fish_complete_command)'
complete -c pen-sni -n '__pen_sni_at options' -l allow -d 'allow a name: [SCHEME://][*.]NAME[:PORT]' -x -a '(__pen_now refused)'
complete -c pen-sni -n '__pen_sni_at options' -l allow-only -d 'allow nothing but what this rule and its like cover, also by pen-ctl' -x -a '(__pen_now refused)'
complete -c pen-sni -n '__pen_sni_at options' -l private -d 'a name that may have private addresses' -x
complete -c pen-sni -n '__pen_sni_at options' -l deny -d 'deny a name that another rule allows' -x -a '(__pen_now refused)'
complete -c pen-sni -n '__pen_sni_at options' -l quiet -d 'the same for what a program does without: nobody is told of it' -x -a '(__pen_now refused)'
complete -c pen-sni -n '__pen_sni_at options' -l limit -d 'how many bytes may be sent to the name, as 2M' -x
complete -c pen-sni -n '__pen_sni_at options' -l connect-to -d 'connect to ADDR:PORT in place of HOST:PORT' -x
complete -c pen-sni -n '__pen_sni_at options' -l log -d 'append an event for each decision to FILE' -r -F
complete -c pen-sni -n '__pen_sni_at options' -l control -d 'make a control socket, for pen-ctl'
complete -c pen-sni -n '__pen_sni_at options' -l ask -d 'ask the listeners of the control socket about other names'
complete -c pen-sni -n '__pen_sni_at options' -l audit -d 'let through what no rule speaks of, and log what would allow it'
complete -c pen-sni -n '__pen_sni_at options' -l agent -d 'the agent\'s name, for pen-ctl' -x -a '(__pen_now agents)'
complete -c pen-sni -n '__pen_sni_at options' -l project -d 'the project, for pen-ctl' -x -a '(__fish_complete_directories)'
complete -c pen-sni -n '__pen_sni_at options' -l publish -d 'a port that pen-net publishes, for pen-ctl' -x
complete -c pen-sni -n '__pen_sni_at options' -l reach -d 'a port of the host that pen-net carries inside, for pen-ctl' -x
complete -c pen-sni -n '__pen_sni_at options' -l dns-server -d 'resolve by this server, not as the host does' -x
complete -c pen-sni -n '__pen_sni_at options' -l upstream-proxy -d 'connect through this HTTP proxy, by CONNECT' -x
complete -c pen-sni -n '__pen_sni_at options' -l serve -d 'be the proxy of the parent process, with sockets from FD' -x
complete -c pen-sni -n '__pen_sni_at options' -l listen -d 'serve TLS connections there; no program is run' -x
complete -c pen-sni -n '__pen_sni_at options' -l help -d 'print a summary of the options and end'
complete -c pen-sni -n '__pen_sni_at options' -l version -d 'print the version and end'

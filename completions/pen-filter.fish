# pen-filter(1): written by completions/generate from src/pen-filter/opts.def

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

# __pen_filter_at WHERE: is the cursor among the options and their first
# arguments, on the second argument of one, or on the command line that follows? "command" also prints that line.
function __pen_filter_at
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        set -l n 1
        switch $words[1]
            case --
                set -e words[1]
                break
            case --notify
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

complete -c pen-filter -f
complete -c pen-filter -n '__pen_filter_at argument' -F
complete -c pen-filter -n '__pen_filter_at command >/dev/null' -x -a '(complete -C (__pen_filter_at command))'
complete -c pen-filter -n '__pen_filter_at options' -x -a '(__fish_complete_command)'
complete -c pen-filter -n '__pen_filter_at options' -l debug -d 'allow tracing: gdb, strace'
complete -c pen-filter -n '__pen_filter_at options' -l nested -d 'allow namespaces and mounts: prog\'s sandbox'
complete -c pen-filter -n '__pen_filter_at options' -l perf -d 'allow perf_event_open'
complete -c pen-filter -n '__pen_filter_at options' -l notify -d 'tell who is at the socket FD what is refused' -x
complete -c pen-filter -n '__pen_filter_at options' -l help -d 'print a summary of the options and end'
complete -c pen-filter -n '__pen_filter_at options' -l version -d 'print the version and end'

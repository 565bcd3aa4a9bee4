# pen-sni(1): written by completions/generate from src/pen-sni/opts.def

# __pen_sni_at WHERE: is the cursor among the options, on the second argument
# of one, or on the command line that follows? "command" also prints that line.
function __pen_sni_at
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        set -l n 1
        switch $words[1]
            case --
                set -e words[1]
                break
            case --allow --allow-private --deny --connect-to --log --agent --project --dns-server --listen
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

complete -c pen-sni -f
complete -c pen-sni -n '__pen_sni_at argument' -F
complete -c pen-sni -n '__pen_sni_at command >/dev/null' -x -a '(complete -C (__pen_sni_at command))'
complete -c pen-sni -n '__pen_sni_at options' -x -a '(__fish_complete_command)'
complete -c pen-sni -n '__pen_sni_at options' -l allow -d 'allow a name: [SCHEME://][*.]NAME[:PORT]' -x
complete -c pen-sni -n '__pen_sni_at options' -l allow-private -d 'the same, and the name may have private addresses' -x
complete -c pen-sni -n '__pen_sni_at options' -l deny -d 'deny a name that another rule allows' -x
complete -c pen-sni -n '__pen_sni_at options' -l connect-to -d 'connect to ADDR:PORT in place of HOST:PORT' -x
complete -c pen-sni -n '__pen_sni_at options' -l log -d 'append an event for each decision to FILE' -r -F
complete -c pen-sni -n '__pen_sni_at options' -l control -d 'make a control socket, for pen-ctl'
complete -c pen-sni -n '__pen_sni_at options' -l agent -d 'the agent\'s name, for pen-ctl' -x -a 'aider claude codex gemini opencode'
complete -c pen-sni -n '__pen_sni_at options' -l project -d 'the project, for pen-ctl' -x -a '(__fish_complete_directories)'
complete -c pen-sni -n '__pen_sni_at options' -l dns-server -d 'resolve by this server, not as the host does' -x
complete -c pen-sni -n '__pen_sni_at options' -l listen -d 'serve TLS connections there; no program is run' -x
complete -c pen-sni -n '__pen_sni_at options' -l help -d 'print a summary of the options and end'
complete -c pen-sni -n '__pen_sni_at options' -l version -d 'print the version and end'
